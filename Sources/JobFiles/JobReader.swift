import Cron
import Scheduling

/// A job's name and where it is declared; the job itself unless its document has a problem.
struct Declaration {
    var name: String
    var position: Position
    var job: Job?
}

/// Reads the documents of one file as jobs.
struct JobReader {
    let zones: ZoneDatabase
    let expressions: Expressions
    let defaults: JobFileDefaults
    /// Where it is given, jobs are also looked at for what is probably not meant, as of this moment.
    let adviceAt: Instant?
    var findings: Findings

    /// The job of one document; nil when it does not even tell a name. All problems go to `findings`.
    mutating func read(_ document: Node) -> Declaration? {
        let before = findings.problems.count
        guard let pairs = pairs(of: document) else { return nil }
        var draft = Draft()
        for pair in pairs where !findings.isFull {
            read(pair, into: &draft)
        }
        reportMissing(in: draft, at: document.start)
        guard let name = draft.name else { return nil }
        let isClean = findings.problems.count == before
        let job = isClean ? draft.job(zone: defaults.zone) : nil
        if let job, let moment = adviceAt, let pair = draft.schedule {
            advise(on: job, declaredBy: pair, dst: draft.shiftsPlace, at: moment)
        }
        return Declaration(name: name.text, position: name.position, job: job)
    }

    private mutating func pairs(of document: Node) -> [Pair]? {
        switch document.content {
        case .map(let pairs): return pairs
        case .scalar(let scalar) where scalar.isNull:
            findings.report(
                at: document.start, "no job in this document",
                hint: "remove the document; 'enabled: false' switches a job off")
        case .scalar: findings.report(at: document.start, "a job is a map of keys, not a single value")
        case .list:
            findings.report(
                at: document.start, "a job is a map of keys, not a list",
                hint: "for several jobs in one file, a line with '---' between them")
        case .refused: break
        }
        return nil
    }

    private mutating func read(_ pair: Pair, into draft: inout Draft) {
        guard let key = JobKey(named: pair.key) else {
            reportUnknown(pair, in: &draft)
            return
        }
        switch key {
        case .scheduler, .schedule: readSchedule(pair, into: &draft)
        case .pipelineName:
            draft.hasName = true
            draft.name = pipelineName(pair) ?? draft.name
        case .timezone: draft.zone = zone(pair)
        case .shifts:
            draft.shifts = shifts(pair)
            draft.shiftsPlace = pair.place
        case .variables: draft.variables = variables(pair)
        case .inputs: draft.inputs = inputs(pair)
        case .retries: draft.retries = integer(pair, in: 0...Limits.retries) ?? 0
        case .ref: draft.ref = ref(pair)
        case .project: draft.project = project(pair)
        case .overlap: draft.overlap = choice(pair) ?? .skip
        case .catchUp: draft.catchUp = choice(pair) ?? .latest
        case .misfireGrace: draft.misfireGrace = duration(pair, in: .misfireGrace)
        case .jitter: draft.jitter = duration(pair, in: .jitter) ?? .zero
        case .timeout: draft.timeout = duration(pair, in: .timeout)
        case .isEnabled: draft.isEnabled = boolean(pair) ?? true
        case .details: draft.details = details(pair)
        }
    }

    private mutating func readSchedule(_ pair: Pair, into draft: inout Draft) {
        if let first = draft.scheduleKey {
            findings.report(
                at: pair.place,
                "both 'scheduler' and 'schedule' are given, the first at \(first.line):\(first.column)",
                hint: "keep one of the two: they mean the same")
        }
        draft.scheduleKey = pair.place
        draft.schedule = pair
        draft.expression = expression(pair)
    }

    private mutating func reportUnknown(_ pair: Pair, in draft: inout Draft) {
        let meant = JobKey.meant(by: pair.key)
        draft.hasName = draft.hasName || meant == .pipelineName
        if meant == .scheduler || meant == .schedule {
            draft.scheduleKey = draft.scheduleKey ?? pair.place
        }
        let known = JobKey.allCases.map(\.rawValue).joined(separator: ", ")
        findings.report(
            at: pair.place, "unknown key \(pair.key.quoted)", hint: meant?.rawValue ?? "one of \(known)")
    }

    private mutating func reportMissing(in draft: Draft, at start: Position) {
        if draft.scheduleKey == nil {
            findings.report(at: start, "the key 'scheduler' is missing", hint: "scheduler: '0 3 * * *'")
        }
        if !draft.hasName {
            findings.report(
                at: start, "the key 'pipeline_name' is missing", hint: "pipeline_name: 'name_of_the_job'")
        }
    }
}

/// What has been read of a job so far.
private struct Draft {
    var name: (text: String, position: Position)?
    var hasName = false
    var scheduleKey: Position?
    var schedule: Pair?
    var expression: CronExpression?
    var zone: Zone?
    var shifts = ShiftRule()
    var shiftsPlace: Position?
    var variables: [Variable] = []
    var inputs: [Input] = []
    var retries = 0
    var ref: String?
    var project: String?
    var overlap = OverlapPolicy.skip
    var catchUp = CatchUpPolicy.latest
    var misfireGrace: Duration?
    var jitter = Duration.zero
    var timeout: Duration?
    var isEnabled = true
    var details: String?

    /// The job; nil while its name or its expression is missing.
    func job(zone standard: Zone) -> Job? {
        guard let name, let expression else { return nil }
        let schedule = Schedule(expression, in: zone ?? standard, shifts: shifts)
        var job = Job(name: name.text, schedule: schedule)
        job.variables = variables
        job.inputs = inputs
        job.retries = retries
        job.ref = ref
        job.project = project
        job.overlap = overlap
        job.catchUp = catchUp
        job.misfireGrace = misfireGrace
        job.jitter = jitter
        job.timeout = timeout
        job.isEnabled = isEnabled
        job.details = details
        return job
    }
}
