import CivilTime
import Ledger
import Scheduling

/// How every command prints a run.
extension Run {
    var json: JSONValue {
        .object([
            ("job", .string(id.job)),
            ("fire_time", .string(id.fireTime.rfc3339)),
            ("run_id", .string(id.description)),
            ("state", .string(state.rawValue)),
            ("reason", JSONValue(reason)),
            ("pipeline_id", JSONValue(pipeline?.id)),
            ("pipeline_url", JSONValue(pipeline?.url)),
            ("attempts", .integer(Int64(attempts))),
            ("claimed_at", JSONValue(claimedAt?.rfc3339)),
            ("triggered_at", JSONValue(triggeredAt?.rfc3339)),
            ("finished_at", JSONValue(finishedAt?.rfc3339)),
            ("lateness_seconds", lateness.map { .number($0.inSeconds) } ?? .null),
            ("project", JSONValue(project)),
            ("ref", JSONValue(ref)),
            ("instance", instance.isEmpty ? .null : .string(instance)),
        ])
    }
}

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

extension Duration {
    var inSeconds: Double { Double(inMicroseconds) / 1_000_000 }
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
