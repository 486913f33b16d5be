public import CivilTime
public import Scheduling

/// Why the ledger failed: the file, the cause and what to try.
public struct LedgerError: Error, Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// Opened for reading, but there is no ledger.
        case absent
        /// Another process schedules from this ledger; nil: it has not said who it is.
        case held(by: LockHolder?)
        /// A later orchestrate wrote the ledger. The file is unchanged.
        case newer(version: Int, known: Int)
        /// Opened for reading, but the file needs a migration.
        case older(version: Int, known: Int)
        /// The SQLite database of another program. The file is unchanged.
        case foreign(applicationID: Int)
        /// The ledger of another project.
        case otherProject(recorded: String)
        case notADatabase
        /// It was a ledger once, but pages are missing or contain impossible values.
        case damaged
        case full
        case readOnly
        /// Another process was writing for longer than the ledger waits.
        case busy
        /// The file can be neither opened nor created.
        case unreachable
        /// The file system lacks what the ledger needs: locks or shared memory.
        case unsupported
        /// A change of a run that has no row.
        case missing(RunID)
        /// The ledger was used after `close()`.
        case closed
        case failed
    }

    public let kind: Kind
    /// The ledger's file, as the caller named it.
    public let path: String
    /// What SQLite or the system said.
    public let detail: String
    /// SQLite's extended result code, if the error came from SQLite.
    public let code: Int32?

    public init(_ kind: Kind, _ path: String, _ detail: String = "", code: Int32? = nil) {
        self.kind = kind
        self.path = path
        self.detail = detail
        self.code = code
    }

    /// Whether the file is unusable, so that the caller may move it aside and rebuild it from GitLab.
    public var isDamage: Bool { kind == .notADatabase || kind == .damaged }
}

/// The process that schedules from a ledger, as it described itself in the lock file.
public struct LockHolder: Hashable, Sendable, CustomStringConvertible {
    public let pid: Int32
    public let since: Instant
    /// Its CI job id, or empty outside CI.
    public let instance: String
    /// What it says about itself, in sentences, for `status`.
    public internal(set) var notes: [String] = []
    /// When it gave its last sign of life; nil: the file does not tell.
    public internal(set) var lastSign: Instant?

    init(pid: Int32, since: Instant, instance: String) {
        self.pid = pid
        self.since = since
        self.instance = instance
    }

    public var description: String {
        "process \(pid)" + (instance.isEmpty ? "" : " (CI job \(instance))") + " since \(since.rfc3339)"
    }
}

extension LedgerError: CustomStringConvertible {
    public var description: String { "\(path): \(message); \(hint)" }

    /// The cause, without the file.
    public var message: String {
        switch kind {
        case .absent: "there is no ledger"
        case .held(let holder):
            "in use for scheduling by \(holder?.description ?? (detail.isEmpty ? "another process" : detail))"
        case .newer(let version, let known):
            "the ledger has schema version \(version), and this orchestrate reads versions up to \(known)"
        case .older(let version, let known):
            "the ledger has schema version \(version), and this orchestrate reads version \(known)"
        case .foreign(let id): "an SQLite database of another program (application id \(id))"
        case .otherProject(let recorded): "the ledger of another project, \(recorded)"
        case .notADatabase: "not an SQLite database"
        case .damaged: "the ledger is damaged" + said
        case .full: "no room to write" + said
        case .readOnly: "cannot be written" + said
        case .busy: "another process keeps the ledger locked" + said
        case .unreachable: "cannot be opened" + said
        case .unsupported: "the file system cannot hold a ledger" + said
        case .missing(let run): "there is no run \(run) to change"
        case .closed: "the ledger is closed"
        case .failed: "SQLite failed" + said
        }
    }

    /// What to try.
    public var hint: String {
        switch kind {
        case .absent: "`orchestrate run` creates it; --db names another file"
        case .held: "stop that process, or give this one another file with --db"
        case .newer: "use the later orchestrate that wrote it, or another file with --db"
        case .older: "`orchestrate run` brings it up to date"
        case .foreign: "name another file with --db"
        case .otherProject, .notADatabase: "name another file with --db, or move this one away"
        case .damaged: "`orchestrate run` moves it aside and builds a new one from GitLab's pipelines"
        case .full: "free some space, or name a file on another disk with --db"
        case .readOnly: "look at the permissions of the file, its directory and its disk"
        case .busy: "try again; if it stays so, `fuser` on the file shows who has it open"
        case .unreachable: "look at the path and at the permissions of its directory"
        case .unsupported: "put it on a local disk with --db"
        case .missing: "restart: the runs are then read anew from the ledger"
        case .closed: "open it again"
        case .failed: "try again; if it stays so, look at the disk and its messages"
        }
    }

    private var said: String {
        guard !detail.isEmpty else { return "" }
        return ": \(detail)" + (code.map { " (SQLite code \($0))" } ?? "")
    }
}
