import CivilTime
import Scheduling

/// Keeps the metrics as the loop goes, and offers them to their file. Only the loop's queue uses it.
final class Observer {
    private var metrics = Metrics()
    private let file: MetricsFile

    init(_ file: MetricsFile) { self.file = file }

    func declare(_ jobs: [Job], lastSuccess: [String: Instant] = [:], at now: Instant) {
        metrics.declare(jobs: jobs, now: now, lastSuccess: lastSuccess)
    }

    /// The decision's changes are durable.
    func note(_ decision: Decision, duplicates: Set<RunID>) { metrics.note(decision, duplicates: duplicates) }

    /// A step of the loop is over.
    func stepped(openRuns: Int, isActive: Bool, at reading: ClockReading) {
        guard file.isDue(at: reading) else { return }
        (metrics.openRuns, metrics.isActive) = (openRuns, isActive)
        file.offer(metrics, at: reading)
    }

    /// The process ends.
    func finish(openRuns: Int, at reading: ClockReading) {
        (metrics.openRuns, metrics.isActive) = (openRuns, false)
        file.finish(metrics, at: reading, within: .seconds(1))
    }
}
