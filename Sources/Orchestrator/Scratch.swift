import Glibc
import Ledger

/// A place for the ledger of a dry run, which is deleted after it. It is a new directory that only this user may enter,
/// so that no other user can put a link in the ledger's place first.
struct Scratch: Sendable {
    private let directory: Result<String, LedgerError>

    init(in parent: String) {
        var name = Array("\(parent)/orchestrate-dry-run-XXXXXX".utf8CString)
        directory = name.withUnsafeMutableBufferPointer { name in
            guard let made = name.baseAddress.flatMap({ mkdtemp($0) }) else {
                let cause = "a directory for the dry run cannot be made: \(String(cString: strerror(errno)))"
                return .failure(LedgerError(.unreachable, parent, cause))
            }
            return .success(String(cString: made))
        }
    }

    func ledger() throws(LedgerError) -> String { try directory.get() + "/ledger.db" }

    func remove() {
        guard let directory = try? directory.get() else { return }
        for suffix in ["", "-wal", "-shm", "-journal"] { unlink("\(directory)/ledger.db\(suffix)") }
        rmdir(directory)
    }
}
