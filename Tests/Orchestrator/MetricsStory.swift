import CivilTime
import Cron

@testable import Orchestrator
@testable import Scheduling

/// Runs and skips to count, around one moment.
enum MetricsStory {
    /// 2026-11-23T20:15:00Z.
    static let start = Instant(seconds: 1_795_464_900)

    static func after(_ seconds: Double) -> Instant {
        start.advanced(by: .microseconds(Int64(seconds * 1_000_000)))
    }

    static func job(_ name: String, _ expression: String = "@every 1h", isEnabled: Bool = true) throws -> Job
    {
        var job = Job(name: name, schedule: Schedule(try CronExpression(expression), in: .utc))
        job.isEnabled = isEnabled
        return job
    }

    /// What the scheduler decides when these events happen to a run, each at its second.
    static func run(_ job: String, _ events: [(RunEvent, Double)]) -> Decision {
        var decision = Decision()
        var run = Run(RunID(job: job, fireTime: start), state: .claimed)
        decision.changes = [.insert(run)]
        for (event, seconds) in events {
            guard let next = run.after(event, at: after(seconds)) else { continue }
            run = next
            decision.changes.append(.update(run, at: after(seconds)))
            decision.news.append(.outcome(Outcome(run: run, event: event)))
        }
        return decision
    }

    static let created = RunEvent.created(Pipeline(id: 1, url: "https://gitlab.test/p/1"))

    /// Fire times a minute apart, skipped for one reason.
    static func skips(_ job: String, _ words: String, count: Int = 1) -> Decision {
        var decision = Decision()
        guard let times = FireTimeSpan(first: start, step: .seconds(60), count: count) else {
            return decision
        }
        let span = SkipSpan(job: job, fireTimes: times, words: SkipWords(words), skippedAt: start)
        decision.changes = [count > 1 ? .skip(span) : .insert(span.run(at: start))]
        return decision
    }

    /// A little of everything.
    static func metrics() throws -> Metrics {
        var metrics = Metrics()
        let jobs = [
            try job("nightly"), try job("Ab\"c\\d\ne", "@daily"), try job("off", isEnabled: false),
        ]
        metrics.declare(jobs: jobs, now: start, lastSuccess: ["off": after(-86_400.5)])
        metrics.note(run("nightly", [(created, 0.4), (.succeeded, 61)]))
        metrics.note(run("gone", [(created, 2.5), (.failed("script failed"), 4_000.25)]))
        metrics.note(skips("nightly", "overlap: an earlier run was still open", count: 3))
        metrics.note(skips("nightly", "superseded by a newer fire time in catch-up"))
        metrics.openRuns = 2
        metrics.isActive = true
        metrics.tokenExpiry = Instant(seconds: 1_800_000_000)
        return metrics
    }
}
