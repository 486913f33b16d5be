import CivilTime
import Ledger
import Scheduling

/// The real scheduler and the real ledger in virtual time. GitLab answers after a moment, and each pipeline succeeds
/// after a while.
public struct DayWork {
    private static let answerTakes = Duration.milliseconds(200)
    private static let pipelineTakes = Duration.seconds(300)

    private struct Pending {
        var event: Event
        var at: Instant
    }

    private let ledger: Ledger
    private var scheduler: Scheduler
    private var now: Instant
    /// Answers under way, the earliest first. All answers take the same time, so a queue keeps them in order.
    private var answers: [Pending] = []
    private var answered = 0
    private var running: [String: [(pipeline: Pipeline, end: Instant)]] = [:]
    public private(set) var pipelines = 0
    public private(set) var commits = 0
    public private(set) var steps = 0

    /// The jobs begin with a covered-through mark at the start and without runs.
    public init(jobs: Int, projects: Int, ratePerMinute: Int, ledger path: String) throws {
        let start = CronWork.start
        let declared = try JobWork.dailyJobs(jobs, projects: projects)
        let marks = Dictionary(uniqueKeysWithValues: declared.map { ($0.name, start) })
        var settings = Settings(project: "group/project", ref: "main")
        settings.ratePerMinute = ratePerMinute
        now = start
        ledger = try Ledger(path: path, access: .writing(project: "4242"))
        try ledger.commit(marks.map { .cover(job: $0.key, through: $0.value) })
        scheduler = Scheduler(jobs: declared, covered: marks, open: [], settings: settings, now: start)
        try step(.woke)
    }

    /// Runs until the virtual clock has moved on by this much.
    public mutating func run(for time: Duration) throws {
        let end = now.advanced(by: time)
        while let next = nextMoment, next <= end {
            now = max(now, next)
            if answered < answers.count, answers[answered].at <= now {
                try step(takeAnswer())
            } else {
                try step(.woke)
            }
        }
        now = end
    }

    private var nextMoment: Instant? {
        let answer = answered < answers.count ? answers[answered].at : nil
        return [answer, scheduler.nextWake].compactMap(\.self).min()
    }

    private mutating func takeAnswer() -> Event {
        defer { answered += 1 }
        let event = answers[answered].event
        if answered > 10_000 {
            answers.removeFirst(answered)
            answered = 0
        }
        return event
    }

    private mutating func step(_ event: Event) throws {
        steps += 1
        var decision = scheduler.handle(event, at: now)
        while !decision.changes.isEmpty {
            let duplicates = try ledger.commit(decision.changes)
            commits += 1
            perform(decision)
            decision = scheduler.handle(.committed(duplicates: duplicates), at: now)
        }
        perform(decision)
    }

    private mutating func perform(_ decision: Decision) {
        for request in decision.requests { start(request) }
        for order in decision.posts {
            pipelines += 1
            let pipeline = Pipeline(
                id: Int64(pipelines), url: "https://gitlab.example.com/-/pipelines/\(pipelines)")
            running[order.project, default: []].append((pipeline, now.advanced(by: Self.pipelineTakes)))
            answer(.posted(order.run, .success(pipeline)))
        }
    }

    private mutating func start(_ request: Request) {
        switch request {
        case .list(let project, _):
            let over = running[project, default: []].prefix { $0.end <= now }
            running[project]?.removeFirst(over.count)
            let sightings = over.map { Sighting(pipeline: $0.pipeline, progress: .succeeded) }
            answer(.listed(project: project, .success(Listing(sightings: sightings, serverTime: now))))
        case .look(let id, _, let pipeline):
            let sighting = Sighting(pipeline: Pipeline(id: pipeline, url: ""), progress: .going)
            answer(.looked(id, .success(sighting)))
        default: break
        }
    }

    private mutating func answer(_ event: Event) {
        answers.append(Pending(event: event, at: now.advanced(by: Self.answerTakes)))
    }
}
