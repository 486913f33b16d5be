public import CivilTime
import Text

/// A ledger that could not be used, was put aside, and has made way for a new, empty one.
public struct Replacement: Hashable, Sendable, CustomStringConvertible {
    /// What was wrong with the old file: damage, or another project.
    public let cause: LedgerError
    /// Where the old file is now. What SQLite keeps beside it, such as `-wal`, is there too, where it was.
    public let movedTo: String

    public var description: String {
        "\(cause.path): \(cause.message); it is kept as \(movedTo), and a new, empty ledger takes its place"
    }
}

extension Ledger {
    /// Opens the ledger for scheduling like `init`, but one that is damaged, is not a database, or belongs to
    /// another project makes way for a new, empty one, and is kept beside it:
    /// `<file>.corrupt-<time>` or `<file>.project-<project>-<time>`, with the `since` of the access for the time.
    ///
    /// All of this is done under the lock. A ledger of a later orchestrate and the database of another program
    /// are refused, and left as they are; so is everything, for an access other than scheduling.
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

    /// Puts the damaged file aside and goes on with a new, empty one under the same lock. For a ledger that is
    /// open for scheduling, with the error whose `isDamage` says that the file is beyond use.
    ///
    /// When it throws, every other call throws that first error again, until this one, called once more, succeeds.
    public func replace(because error: LedgerError, at now: Instant) throws(LedgerError) -> Replacement {
        guard let lock, error.makesWay else { throw error }
        let cause = broken?.cause ?? error
        if broken == nil { broken = Broken(cause: cause) }
        // What can no longer be trusted is not copied from the log into the file.
        try? openFile?.connection.keepLogAtClose(true)
        openFile = nil
        let replacement = try putAside(lock.file, because: cause, at: now)
        // It went with the old file.
        fileLock = nil
        do throws(LedgerError) {
            try open()
        } catch {
            let detail = "\(error.detail); the old ledger is kept as \(replacement.movedTo)"
            throw LedgerError(error.kind, path, detail, code: error.code)
        }
        notePosts(unknownUntil: now)
        return replacement
    }

    /// A header that names another program is damage where the lock file says that this was a ledger, and in CI, where
    /// the file comes out of orchestrate's own cache.
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

    /// A file that is beyond use. Once it has been put aside, the next one of its name is another one, which
    /// stays where it is.
    struct Broken {
        let cause: LedgerError
        var replacement: Replacement?
    }
}

extension LedgerError {
    /// Whether a new ledger may take the place of this one.
    fileprivate var makesWay: Bool {
        if case .otherProject = kind { return true }
        return isDamage
    }

    /// What the name of the file says when it is put aside.
    fileprivate var label: String {
        guard case .otherProject(let recorded) = kind else { return "corrupt" }
        let allowed = recorded.utf8.prefix(60).map { byte in
            byte.isDigit || byte.isLetter || "-.".utf8.contains(byte) ? byte : UInt8(ascii: "_")
        }
        return "project-" + String(decoding: allowed, as: UTF8.self)
    }
}
