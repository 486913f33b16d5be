/// What to do about a failed pipeline.
enum Retry: Hashable, Sendable {
    /// Something in it still goes, or goes again: look later.
    case wait
    /// Start these CI jobs again: it is the pipeline's `attempt`th attempt.
    case again(jobs: [Int64], attempt: Int)
    /// It stays failed, for this reason.
    case giveUp(String, attempts: Int)

    /// Decides from the CI jobs of the pipeline, retried ones included: GitLab's own count of attempts
    /// survives what the ledger may not.
    static func decide(_ jobs: [CIJob], retries: Int) -> Retry {
        let attempts = Dictionary(grouping: jobs, by: \.name).mapValues(\.count)
        let latest = Dictionary(grouping: jobs, by: \.name).compactMapValues { $0.max { $0.id < $1.id } }
        let used = attempts.values.max() ?? 1
        if latest.values.contains(where: { $0.status == .open }) { return .wait }
        let failed = latest.values.filter { $0.status == .failed && !$0.mayFail }.sorted { $0.id < $1.id }
        let names = failed.map(\.name).joined(separator: ", ")
        guard !failed.isEmpty else {
            return .giveUp("the pipeline failed without a failed job that could be retried", attempts: used)
        }
        guard failed.allSatisfy({ attempts[$0.name, default: 1] <= retries }) else {
            return .giveUp(giveUpWords(names, used: used), attempts: used)
        }
        return .again(jobs: failed.map(\.id), attempt: used + 1)
    }

    private static func giveUpWords(_ names: String, used: Int) -> String {
        used == 1 ? "failed: \(names)" : "failed \(used) times: \(names)"
    }
}
