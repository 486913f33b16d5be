import CivilTime
import Ledger
import Scheduling

extension RunState {
    var style: Style {
        switch self {
        case .claimed, .triggered, .retrying: .cyan
        case .uncertain, .blocked, .canceled: .yellow
        case .succeeded: .green
        case .failed, .refused, .lost: .red
        case .skipped: .faint
        }
    }
}

extension Ledger {
    /// The ledger at a path, for reading; nil if there is none.
    static func existing(_ path: String) throws(LedgerError) -> Ledger? {
        do throws(LedgerError) {
            return try Ledger(path: path, access: .reading)
        } catch {
            guard error.kind == .absent else { throw error }
            return nil
        }
    }
}
