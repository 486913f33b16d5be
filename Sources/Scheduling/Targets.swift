/// The projects and refs of the jobs that GitLab has not confirmed yet. The log tells a missing one at the start, not
/// at the first fire time.
struct Targets: Sendable {
    /// How often in a row GitLab gave no answer, by target.
    private var pending: [Lane.Key: Int] = [:]
    private var known: Set<Lane.Key> = []

    /// Takes note of what the jobs need. The scheduler does not ask again about a target that GitLab has.
    mutating func need(_ targets: Set<Lane.Key>) {
        pending = pending.filter { targets.contains($0.key) }
        for target in targets where !known.contains(target) { pending[target] = pending[target] ?? 0 }
    }

    /// The targets to ask about, in order.
    var wanted: [Lane.Key] { pending.keys.sorted() }

    func isWanted(_ target: Lane.Key) -> Bool { pending[target] != nil }

    /// GitLab has answered. Returns false where the question was not open any more.
    mutating func judged(_ target: Lane.Key, exists: Bool) -> Bool {
        if exists { known.insert(target) }
        return pending.removeValue(forKey: target) != nil
    }

    /// Returns how often in a row there was no answer.
    mutating func failed(_ target: Lane.Key) -> Int {
        let failures = (pending[target] ?? 0) + 1
        pending[target] = failures
        return failures
    }
}
