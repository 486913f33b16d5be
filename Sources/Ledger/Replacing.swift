public import CivilTime
import Text

/// A ledger that was unusable: it was moved aside, and a new, empty one took its place.
public struct Replacement: Hashable, Sendable, CustomStringConvertible {
    /// What was wrong with the old file: damage, or another project.
    public let cause: LedgerError
    /// Where the old file is now. Its companions, such as `-wal`, have the new name too.
    public let movedTo: String

    public var description: String {
        "\(cause.path): \(cause.message); orchestrate keeps it as \(movedTo), and begins a new, empty ledger"
    }
}

extension Ledger {
    /// Opens the ledger for scheduling like `init`. But if the ledger is damaged, is not a database, or belongs to
    /// another project, it makes way for a new, empty one. The old file stays beside it as `<file>.corrupt-<time>` or
    /// `<file>.project-<project>-<time>`; the time is the access's `since`.
    ///
    /// All of this happens under the lock. The ledger of a later orchestrate and the database of another program are
    /// refused and left unchanged. For an access other than scheduling, nothing is replaced.
    public static func replacingDamaged(
        path: String, access: Access
    ) throws(LedgerError) -> (ledger: Ledger, replaced: Replacement?) {
        let ledger = try Ledger(locking: path, for: access)
        do throws(LedgerError) {
            try ledger.open()
            return (ledger, nil)
        } catch {
            let cause = ledger.damage(behind: error)
            guard case .scheduling(_, let since, _) = access, cause.makesWay else { throw error }
            return (ledger, try ledger.replace(because: cause, at: since))
        }
    }

    /// Moves the damaged file aside and continues with a new, empty one under the same lock. Call it for a ledger that
    /// is open for scheduling, with the error whose `isDamage` says that the file is unusable.
    ///
    /// If it throws, every other call throws that first error again, until a later call of this one succeeds.
    public func replace(because error: LedgerError, at now: Instant) throws(LedgerError) -> Replacement {
        guard let lock, error.makesWay else { throw error }
        let cause = broken?.cause ?? error
        if broken == nil { broken = Broken(cause: cause) }
        // Do not copy from a log that cannot be trusted into the file.
        try? openFile?.connection.keepLogAtClose(true)
        openFile = nil
        let replacement = try putAside(lock.file, because: cause, at: now)
        // The lock belonged to the old file.
        fileLock = nil
        do throws(LedgerError) {
            try open()
        } catch {
            let detail = "\(error.detail); orchestrate keeps the old ledger as \(replacement.movedTo)"
            throw LedgerError(error.kind, path, detail, code: error.code)
        }
        notePosts(unknownUntil: now)
        return replacement
    }

    /// The file's header names another program. That is damage if the lock file says that this was a ledger, and in CI,
    /// where the file comes from orchestrate's own cache.
    private func damage(behind error: LedgerError) -> LedgerError {
        guard case .scheduling(let instance, _, _) = access, case .foreign(let id) = error.kind,
            lock?.held.provenance.session != nil || !instance.isEmpty
        else { return error }
        return LedgerError(.damaged, path, "application id \(id) in its header")
    }

    private func putAside(
        _ file: String, because cause: LedgerError, at now: Instant
    ) throws(LedgerError) -> Replacement {
        if let replacement = broken?.replacement { return replacement }
        let name = try Aside.move(file, label: cause.label, at: now, path: path)
        let replacement = Replacement(cause: cause, movedTo: name)
        broken = Broken(cause: cause, replacement: replacement)
        return replacement
    }

    /// An unusable file. After it was moved aside, the next file of its name is another one and stays in place.
    struct Broken {
        let cause: LedgerError
        var replacement: Replacement?
    }
}

extension LedgerError {
    /// Whether a new ledger may replace this one.
    fileprivate var makesWay: Bool {
        if case .otherProject = kind { return true }
        return isDamage
    }

    /// The label in the new name of a file that was moved aside.
    fileprivate var label: String {
        guard case .otherProject(let recorded) = kind else { return "corrupt" }
        let allowed = recorded.utf8.prefix(60).map { byte in
            byte.isDigit || byte.isLetter || "-.".utf8.contains(byte) ? byte : UInt8(ascii: "_")
        }
        return "project-" + String(decoding: allowed, as: UTF8.self)
    }
}
