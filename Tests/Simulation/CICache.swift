import TestSupport

/// GitLab's CI cache: stored only when a job has ended, restored before a process starts, the last writer wins,
/// and any of it may be missing, old or damaged.
struct CICache {
    private var stored: [(files: LedgerFiles, from: String)] = []

    mutating func store(_ path: String) throws {
        stored.append((try LedgerFiles(at: path), path))
    }

    /// Whose ledger it was; nil: there is none.
    func restore(to path: String, losing losses: LedgerLosses, _ random: inout SplitMix) throws -> String? {
        guard var found = stored.last else { return nil }
        if losses == .sometimes {
            if random.chance(1, in: 8) { found = stored.dropLast().last ?? found }
            if random.chance(1, in: 12) { return nil }
            if random.chance(1, in: 16) { found.files.damage(&random) }
        }
        try found.files.write(to: path)
        return found.from
    }
}
