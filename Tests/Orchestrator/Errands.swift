import CivilTime
import Cron
import Scheduling

@testable import Orchestrator
@testable import Scheduling

/// 2026-11-23T20:15:00Z.
let fireTime = Instant(seconds: 1_795_464_900)
let nightly = RunID(job: "nightly", fireTime: fireTime)

/// The only place in these tests that knows how to make a request and its answer.
extension Errand {
    static func to(_ request: Request, decidedAt: Duration = .zero) -> Errand {
        Errand(request: request, decidedAt: decidedAt, scheduler: 0)
    }

    static func post(
        _ run: RunID = nightly, mark: MarkKind = .variables, sendWithin: Duration = .seconds(30),
        decidedAt: Duration = .zero, _ change: (inout Job) -> Void = { _ in }
    ) throws -> Errand {
        var job = Job(name: run.job, schedule: Schedule(try CronExpression("15 20 * * *"), in: .utc))
        change(&job)
        let order = Order(
            run: run, job: job, project: "7", ref: "main", instance: "600001", mark: mark,
            interval: job.interval(of: run.fireTime), sendWithin: sendWithin)
        return .to(.post(order), decidedAt: decidedAt)
    }

    static func search(_ runs: [RunID]) -> Errand { .to(.search(project: "7", runs: runs, since: fireTime)) }

    static func survey(changed: Bool = false) -> Errand {
        .to(.survey(project: "7", since: fireTime, changed: changed))
    }

    static let list = to(.list(project: "7", changedAfter: fireTime))
    static let look = to(.look(nightly, project: "7", pipeline: 70_001))
    static let listJobs = to(.listJobs(nightly, project: "7", pipeline: 70_001))
    static let cancel = to(.cancel(nightly, project: "7", pipeline: 70_001))
    static let identify = to(.identify(job: 600_001))
    static let startSuccessor = to(.startSuccessor(project: "7", ref: "main", of: 600_001, mark: .variables))

    static func retry(_ jobs: [Int64]) -> Errand { .to(.retry(nightly, project: "7", jobs: jobs)) }

    static func listFormer(downTo last: Int64?) -> Errand {
        .to(.listFormer(besides: 600_001, downTo: last))
    }

    static func listInstances(above id: Int64?) -> Errand { .to(.listInstances(above: id)) }

    /// The run whose pipeline it creates.
    var posts: RunID? {
        guard case .post(let order) = request else { return nil }
        return order.run
    }

    /// Whether it reads all pipelines that changed, or were created, since an instant.
    var surveys: Bool {
        guard case .survey = request else { return false }
        return true
    }

    /// The pipeline it looks at.
    var looksAt: Int64? {
        guard case .look(_, _, let pipeline) = request else { return nil }
        return pipeline
    }
}

extension Event {
    /// What the event says, in a form that expectations can show.
    var line: String {
        switch self {
        case .posted(let id, let answer): "posted \(id): " + answer.line { $0.line }
        case .searched(let project, let answer): "searched \(project): " + answer.line { $0.line }
        case .surveyed(let project, let answer): "surveyed \(project): " + answer.line { $0.line }
        case .listed(let project, let answer):
            "listed \(project): "
                + answer.line { ($0.sightings.map(\.line) + [$0.serverTime.line]).joined(separator: ", ") }
        case .looked(let id, let answer): "looked \(id): " + answer.line { $0.line }
        case .jobsListed(let id, let answer):
            "jobsListed \(id): " + answer.line { $0.map(\.line).joined(separator: ", ") }
        case .retried(let id, let answer):
            "retried \(id): " + answer.line { $0.isEmpty ? "done" : "left \($0)" }
        case .canceled(let id, let answer): "canceled \(id): " + answer.line { "done" }
        case .named(let id, let answer): "named \(id): " + answer.line { "done" }
        case .identified(let answer): "identified: " + answer.line { $0.line }
        case .successorStarted(let answer): "successorStarted: " + answer.line { $0.line }
        case .formerListed(let answer): "formerListed: " + answer.line { $0.line }
        case .instancesListed(let answer): "instancesListed: " + answer.line { $0.line }
        default: "no answer"
        }
    }

    /// The instances of a list.
    var roster: Roster? {
        switch self {
        case .formerListed(let answer), .instancesListed(let answer): try? answer.get()
        default: nil
        }
    }

    /// What a search or a survey found.
    var search: Search? {
        switch self {
        case .searched(_, let answer), .surveyed(_, let answer): try? answer.get()
        default: nil
        }
    }
}

extension Answer where Failure == Trouble {
    fileprivate func line(_ words: (Success) -> String) -> String {
        switch self {
        case .success(let value): words(value)
        case .failure(let trouble): trouble.line
        }
    }
}

extension Trouble {
    var line: String {
        switch self {
        case .refused(let words): "refused: \(words)"
        case .markRefused(let words): "markRefused: \(words)"
        case .gone(let words): "gone: \(words)"
        case .unauthorized(let words): "unauthorized: \(words)"
        case .limited(let words, let pause): "limited for \(pause?.text ?? "a while"): \(words)"
        case .throttled(let words, let pause): "throttled for \(pause?.text ?? "a while"): \(words)"
        case .faulty(let words): "faulty: \(words)"
        case .unavailable(let words): "unavailable: \(words)"
        case .uncertain(let words): "uncertain: \(words)"
        }
    }
}

extension Pipeline {
    fileprivate var line: String { "\(id) \(url)" }
}

extension Sighting {
    fileprivate var line: String {
        "\(pipeline.line) \(progress) \(ref ?? "-") \(createdAt.line) \(changedAt.line)"
            + (run.map { " \($0)" } ?? "")
    }
}

extension Search {
    fileprivate var line: String {
        let runs = found.sorted { $0.key < $1.key }.map { id, sightings in
            "\(id) [\(sightings.map { "\($0.pipeline.id)" }.joined(separator: " "))]"
        }
        return (runs + [isComplete ? "complete" : "incomplete", serverTime.line]).joined(separator: ", ")
    }
}

extension CIJob {
    var line: String {
        "\(id) \(name) \(status)" + (mayFail ? " may fail" : "") + (isTrigger ? " trigger" : "")
    }
}

extension Instance {
    fileprivate var line: String { "\(id) \(name) \(ref) \(createdAt.rfc3339) \(startedAt.line) \(status)" }
}

extension Roster {
    fileprivate var line: String {
        (instances.map { "\($0.id)" } + [isComplete ? "complete" : "incomplete", serverTime.line])
            .joined(separator: ", ")
    }
}

extension Instant? {
    fileprivate var line: String { self?.rfc3339 ?? "-" }
}
