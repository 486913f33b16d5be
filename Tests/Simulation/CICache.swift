import TestSupport

/// GitLab's CI cache. A runner stores it only when a job ends, and restores it before a process starts. The last writer
/// wins, and any cache may be missing, old or damaged.
struct CICache {
    private var stored: [(files: LedgerFiles, from: String)] = []

    mutating func store(_ path: String) throws {
        stored.append((try LedgerFiles(at: path), path))
    }

    /// Returns which ledger it restored; nil: there is none.
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
