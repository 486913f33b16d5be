import CivilTime
import DequeModule

/// The runs that ended last, and their pipelines. GitLab's lists still show these pipelines, and the scheduler must not
/// take them for another scheduler's.
struct RecentRuns: Sendable {
    private static let most = 10_000

    /// nil: its POST was sent, and no pipeline became known.
    private var pipelines: [RunID: Int64?] = [:]
    private var order: Deque<RunID> = []
    /// Some runs up to this fire time are not remembered any more.
    private(set) var forgottenThrough = Instant.distantPast

    mutating func add(_ run: Run) {
        guard run.pipeline != nil || run.sentAt != nil else { return }
        if pipelines.updateValue(run.pipeline?.id, forKey: run.id) == nil { order.append(run.id) }
        guard order.count > Self.most, let oldest = order.popFirst() else { return }
        pipelines[oldest] = nil
        forgottenThrough = max(forgottenThrough, oldest.fireTime)
    }

    func contains(_ id: RunID) -> Bool { pipelines[id] != nil }

    func pipeline(of id: RunID) -> Int64? { pipelines[id] ?? nil }
}
