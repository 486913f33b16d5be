import TestSupport

/// A simulated GitLab as a value: requests go in, answers come out, and time is an argument, in microseconds since
/// 1970.
///
/// The model has no clock, and its seed is its only source of chance, so the same requests at the same times give the
/// same answers. Its own time never goes back: an earlier request counts as one at the latest time seen.
public struct FakeGitLab: Sendable {
    public var settings: FakeSettings
    /// All pipelines in the order of ids, including those of instances and deleted ones.
    public internal(set) var allPipelines: [FakePipeline] = []
    /// All CI jobs in the order of ids.
    public internal(set) var allJobs: [FakeJob] = []
    /// How many requests of each operation have arrived, whatever their answers.
    public internal(set) var requestCounts: [FakeOperation: Int] = [:]
    public internal(set) var faults: [FakeFault] = []
    /// The latest time seen.
    public internal(set) var now: Int64 = .min

    var timeline = Agenda<Planned>()
    var pipelinesByName: [String: [Int]] = [:]
    /// When which pipeline was created or changed, in order of time.
    var changes: [(at: Int64, pipeline: Int)] = []
    var iids: [Int64: Int64] = [:]
    var resourceGroups: [ResourceGroup] = []
    var limits = MinuteLimits()
    var notices: [FakeNotice] = []
    var requestsSeen: Int64 = 0
    /// The requests with the current request's token, in the minute of `now`.
    var requestsInMinute = 0
    var random: SplitMix

    public init(_ settings: FakeSettings = FakeSettings()) {
        self.settings = settings
        random = SplitMix(seed: settings.seed)
    }

    /// The pipelines that clients created, in the order of ids: without those of instances.
    public var pipelines: [FakePipeline] { allPipelines.filter { !$0.isInstance } }

    public func pipeline(_ id: Int64) -> FakePipeline? {
        index(ofPipeline: id).map { allPipelines[$0] }
    }

    public func job(_ id: Int64) -> FakeJob? {
        index(ofJob: id).map { allJobs[$0] }
    }

    /// The jobs of a pipeline in the order of ids. Retried jobs are among them, because each job is an attempt.
    public func jobs(ofPipeline id: Int64) -> [FakeJob] {
        pipeline(id)?.jobIDs.compactMap(job) ?? []
    }

    /// When the next planned change happens; nil if there is none.
    public var nextChangeAt: Int64? { timeline.nextAt }

    /// Makes everything happen that is due at `time`, each change at its own time.
    public mutating func advance(to time: Int64) {
        while let due = timeline.removeFirst(dueBy: time) {
            now = max(now, due.at)
            happen(due.value)
        }
        now = max(now, time)
    }

    private mutating func happen(_ event: Planned) {
        switch event {
        case .job(let id, let generation, let status):
            guard let index = index(ofJob: id), allJobs[index].generation == generation else { return }
            setStatus(status, ofJobAt: index)
        case .request(let request):
            guard case .found(let target) = Route.find(request) else { return }
            _ = perform(target, request)
        case .autoCancel(let pipeline): cancelRedundant(to: pipeline)
        }
    }

    /// Takes a request at a time. Returns its outcome, after the faults have changed its effect and its answer.
    public mutating func respond(to request: FakeRequest, at time: Int64) -> FakeOutcome {
        advance(to: time)
        requestsSeen += 1
        switch Route.find(request) {
        case .found(let target):
            requestCounts[target.operation, default: 0] += 1
            return respond(to: request, target)
        case .wrongMethod: return .answer(finished(.error(405, "405 Not Allowed")), after: 0)
        case .unknown: return .answer(finished(.error(404, "404 Not Found")), after: 0)
        }
    }

    private mutating func respond(to request: FakeRequest, _ target: Target) -> FakeOutcome {
        if let refusal = refusalByRackAttack(request) { return .answer(refusal, after: 0) }
        guard let fault = takeFault(for: target.operation, request) else {
            let answer = perform(target, request)
            return .answer(finished(answer), after: 0)
        }
        switch fault.effect {
        case .none: return outcome(of: fault, real: nil)
        case .now:
            let answer = perform(target, request)
            return outcome(of: fault, real: finished(answer))
        case .late(let microseconds):
            timeline.add(.request(request), at: sum(now, microseconds))
            return outcome(of: fault, real: nil)
        }
    }

    /// The lines for a person who watches, since the last call. See `FakeSettings.keepsNotices`.
    public mutating func takeNotices() -> [FakeNotice] {
        defer { notices = [] }
        return notices
    }

    mutating func notice(_ text: String) {
        guard settings.keepsNotices else { return }
        notices.append(FakeNotice(at: now, text: text))
    }

    func index(ofPipeline id: Int64) -> Int? {
        place(of: id, from: settings.firstPipelineID, in: allPipelines.count)
    }

    func index(ofJob id: Int64) -> Int? {
        place(of: id, from: settings.firstJobID, in: allJobs.count)
    }

    private func place(of id: Int64, from first: Int64, in count: Int) -> Int? {
        let (place, overflow) = id.subtractingReportingOverflow(first)
        return overflow || place < 0 || place >= Int64(count) ? nil : Int(place)
    }

    /// A time plus a duration, limited to the range of the type.
    func sum(_ time: Int64, _ duration: Int64) -> Int64 {
        let (sum, overflow) = time.addingReportingOverflow(duration)
        return overflow ? .max : sum
    }
}
