import CivilTime
import Testing

@testable import Scheduling

/// A scheduler in virtual time, with a ledger of two dictionaries and no GitLab. It keeps the scheduler's requests as
/// lines of text until the test reads them (`take`), and the test answers them (`tell`).
///
/// In every test it checks that the scheduler posts only durable claims, that ended rows do not change, that marks only
/// grow, and that the process ends once.
struct World {
    var now: Instant
    private(set) var scheduler: Scheduler
    private(set) var rows: [RunID: Run] = [:]
    private(set) var covered: [String: Instant] = [:]
    private(set) var markings: [String: ProjectMark] = [:]
    /// The ledger's outbox with what was taken or given up, and its incidents.
    private(set) var messages: [OutboxMessage] = []
    private(set) var ended: Set<OutboxMessage.Key> = []
    private(set) var incidents: [String: Incident] = [:]
    private(set) var log: [Notice] = []
    private(set) var orders: [Order] = []
    private(set) var ending: Ending?
    private var requests: [String] = []
    /// Messages of the last commit that the ledger had already.
    private var repeated: Set<OutboxMessage.Key> = []
    /// The world's own answer of the jobs API, so that a lease lasts; nil: the test answers.
    var instances: [Instance]?
    /// The world's own answer to a look at a single pipeline; nil: the test answers.
    var looks: Progress?
    /// Whether GitLab has the projects and refs of the jobs; nil: the test answers.
    var hasTargets: Answer<Instant?>?
    /// GitLab's clock minus the own one, if GitLab tells its time.
    var gitlabAhead: Duration?
    /// The world's own answers of the jobs API and the pipelines API at the start; nil: the test answers.
    var former: [Instance]? = []
    var survey: [RunID: [Sighting]]? = [:]
    /// Fire times for which the ledger claims to have a row already.
    var duplicates: Set<RunID> = []

    /// Begins at `now` with jobs that are covered up to then, or up to `covered`.
    init(
        _ jobs: [Job], at now: String = "12:00", covered: [String: Instant]? = nil, open: [Run] = [],
        instances: [Instance]? = nil, former: [Instance]? = [], survey: [RunID: [Sighting]]? = [:],
        past: Past = Past(), duplicates: Set<RunID> = [], hasTargets: Answer<Instant?>? = .success(nil),
        change: (inout Settings) -> Void = { _ in }
    ) {
        let start = Instant.at(now)
        self.now = start
        self.instances = instances
        self.former = former
        self.survey = survey
        self.duplicates = duplicates
        self.hasTargets = hasTargets
        self.covered = covered ?? Dictionary(uniqueKeysWithValues: jobs.map { ($0.name, start) })
        markings = past.markings
        rows = Dictionary(uniqueKeysWithValues: open.map { ($0.id, $0) })
        scheduler = Self.scheduler(jobs, self.covered, open, past, start, change)
        tell(.woke)
    }

    private static func scheduler(
        _ jobs: [Job], _ covered: [String: Instant], _ open: [Run], _ past: Past, _ now: Instant,
        declaredAt: [String: Instant]? = nil, _ change: (inout Settings) -> Void
    ) -> Scheduler {
        var settings = Settings(project: "7", ref: "main")
        settings.mark = .variables
        change(&settings)
        return Scheduler(
            jobs: jobs, covered: covered, open: open, past: past, declaredAt: declaredAt,
            settings: settings, now: now)
    }

    /// The process dies, and another one begins with the contents of the ledger. The same process may also begin again.
    mutating func restart(
        _ jobs: [Job], past: Past = Past(), declaredAt: [String: Instant]? = nil,
        change: (inout Settings) -> Void = { _ in }
    ) {
        (requests, ending) = ([], nil)
        let open = rows.values.filter { $0.state.isOpen }.sorted { $0.id < $1.id }
        var past = past
        past.markings.merge(markings) { own, _ in own }
        past.outbox = messages.filter { !ended.contains($0.key) }
        past.incidents = incidents
        scheduler = Self.scheduler(jobs, covered, open, past, now, declaredAt: declaredAt, change)
        tell(.woke)
    }

    /// An operator sets the clock. `isRight`: GitLab's clock now agrees; otherwise GitLab's clock goes on as before.
    mutating func setClock(to instant: Instant, isRight: Bool = true) {
        let step = now.duration(to: instant)
        now = instant
        gitlabAhead = isRight ? .zero : gitlabAhead.map { $0 - step }
        tell(.clockSet(by: step))
        tell(.woke)
    }

    /// The CI jobs of a failed pipeline: one that may not be retried any more.
    mutating func showFailedJob(of id: RunID) {
        tell(.jobsListed(id, .success([CIJob(id: 900, name: "test", status: .failed, mayFail: false)])))
    }

    /// Handles one event, with everything that follows from it at the same instant.
    mutating func tell(_ event: Event) {
        var decision = scheduler.handle(event, at: now)
        while true {
            let durable = rows
            repeated = []
            let duplicates = commit(decision.changes)
            let answers = perform(decision, durable: durable)
            if decision.changes.isEmpty, answers.isEmpty { return }
            let committed =
                decision.changes.isEmpty ? [] : [Event.committed(duplicates: duplicates, repeated: repeated)]
            decision = scheduler.handle(committed + answers, at: now)
        }
    }

    /// Lets time pass. The alarm rings whenever the scheduler has asked for it.
    mutating func pass(_ duration: Duration) {
        let end = now + duration
        var rings = 0
        while let wake = scheduler.nextWake, wake <= end, ending == nil {
            rings += 1
            guard rings < 50_000 else {
                Issue.record("the alarm rings without end at \(wake.clock)")
                return
            }
            now = max(now, wake)
            tell(.woke)
        }
        now = end
    }

    mutating func pass(to time: String) { pass(now.duration(to: .at(time))) }

    /// The requests since the last call, in order; only lines beginning with `kind`, if given.
    mutating func take(_ kind: String = "") -> [String] {
        defer { requests = [] }
        return requests.filter { $0.hasPrefix(kind) }
    }

    /// Each row as `job@time state`, oldest first.
    var states: [String] {
        rows.values.sorted { $0.id < $1.id }.map { "\($0.id.short) \($0.state.rawValue)" }
    }

    func logged(_ event: String) -> Int { log.count { $0.event == event } }

    private mutating func commit(_ changes: [Change]) -> Set<RunID> {
        var known: Set<RunID> = []
        for change in changes {
            switch change {
            // A pipeline overrides a row that has none.
            case .insert(let run)
            where run.pipeline != nil && rows[run.id]?.state.isOpen == false && rows[run.id]?.pipeline == nil:
                rows[run.id] = run
            case .insert(let run) where rows[run.id] != nil || duplicates.contains(run.id):
                known.insert(run.id)
            case .insert(let run): rows[run.id] = run
            case .skip(let span):
                known.formUnion(commit(span.fireTimes.map { .insert(span.run(at: $0)) }))
            case .update(let run, _):
                guard !known.contains(run.id), !duplicates.contains(run.id) else { continue }
                let state = rows[run.id]?.state
                if state?.isOpen != true {
                    Issue.record("\(run.id.short) is \(String(describing: state)), not open")
                }
                rows[run.id] = run
            case .withdraw(let instant):
                rows = rows.filter { $0.key.fireTime <= instant || !$0.value.neverRan }
            case .cover(let job, let through):
                let mayGoBack = changes.contains { if case .withdraw = $0 { true } else { false } }
                if let mark = covered[job], mark > through, !mayGoBack {
                    Issue.record("the mark of \(job) went back")
                }
                covered[job] = through
            case .forget(let job): covered[job] = nil
            case .mark(let project, let mark): markings[project] = mark
            case .tell(let message):
                guard !message.isAbout(known) else { continue }
                guard !messages.contains(where: { $0.key == message.key }) else {
                    repeated.insert(message.key)
                    continue
                }
                messages.append(message)
            case .told(let keys, _): ended.formUnion(keys)
            case .incident(let job, let incident, let run):
                if !known.contains(run) { incidents[job] = incident }
            }
        }
        return known
    }

    private mutating func perform(_ decision: Decision, durable: [RunID: Run]) -> [Event] {
        log += decision.news.map(\.notice)
        if let end = decision.ending {
            if let ending { Issue.record("ended twice: \(ending.words), then \(end.words)") }
            ending = end
        }
        if let instant = decision.pruneBefore { requests.append("prune \(instant.clock)") }
        let answers = decision.requests.compactMap { answer($0) }
        for order in decision.posts {
            if durable[order.run]?.sentAt == nil { Issue.record("\(order.run.short) was not durable") }
            orders.append(order)
            requests.append(Request.post(order).line)
        }
        return answers
    }

    /// The world's own answer; nil: the test answers.
    private mutating func answer(_ request: Request) -> Event? {
        switch request {
        case .listInstances:
            if let instances { return .instancesListed(.success(Roster(instances: instances))) }
        case .listFormer:
            if let former { return .formerListed(.success(Roster(instances: former))) }
        case .survey(let project, _, _, _):
            if let survey {
                let search = Search(found: survey, isComplete: true, serverTime: nil)
                return .surveyed(project: project, .success(search))
            }
        case .look(let run, _, let pipeline):
            if let looks { return .looked(run, .success(.of(pipeline, looks))) }
        case .verify(let project, let ref):
            if let gitlabAhead {
                return .verified(project: project, ref: ref, .success(now.advanced(by: gitlabAhead)))
            }
            if let hasTargets { return .verified(project: project, ref: ref, hasTargets) }
        case .post, .search, .list, .listJobs, .retry, .cancel, .identify, .startSuccessor, .name, .deliver,
            .beat:
            break
        }
        requests.append(request.line)
        return nil
    }
}

extension Run {
    fileprivate var neverRan: Bool {
        pipeline == nil && (state == .skipped || state == .refused || (state == .claimed && sentAt == nil))
    }
}

extension Request {
    /// The request in words, for people.
    var line: String {
        switch self {
        case .post(let order): "post \(order.run.short)\(order.mark == .inputs ? " with inputs" : "")"
        case .search(_, let runs, let since):
            "search \(runs.map(\.short).joined(separator: ", ")) since \(since.clock)"
        case .list(_, let changedAfter): "list since \(changedAfter.clock)"
        case .look(let run, _, let pipeline): "look \(run.short) \(pipeline)"
        case .listJobs(let run, _, let pipeline): "listJobs \(run.short) \(pipeline)"
        case .retry(let run, _, let jobs): "retry \(run.short) \(jobs)"
        case .cancel(let run, _, let pipeline): "cancel \(run.short) \(pipeline)"
        case .verify(let project, let ref): "verify \(project) \(ref)"
        case .identify(let job): "identify \(job)"
        case .listFormer(let below, let last): "listFormer \(below) \(last.map(String.init) ?? "all")"
        case .startSuccessor(_, _, let instance, let mark):
            "startSuccessor of \(instance)\(mark == .inputs ? " with inputs" : "")"
        case .name(let run, _, let pipeline): "name \(run.short) \(pipeline)"
        case .survey(_, let since, _, _): "survey since \(since.clock)"
        case .listInstances(let above): "listInstances \(above.map(String.init) ?? "all")"
        case .deliver(let parcel): "deliver \(parcel.line)"
        case .beat: "beat"
        }
    }
}

extension Parcel {
    /// `ops: failed a@12:00`
    var line: String {
        let told = messages.map { message in
            let kind = message.kind.rawValue.split(separator: ".").last ?? ""
            return "\(kind) \(RunID(message.subject)?.short ?? message.subject)"
        }
        return "\(channel): \(told.joined(separator: ", "))"
    }
}
