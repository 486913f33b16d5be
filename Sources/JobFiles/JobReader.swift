import CivilTime
import Cron
import Scheduling

/// A job's name and place; also the job itself, unless its document has a problem.
struct Declaration {
    var name: String
    var position: Position
    var job: Job?
    /// The schedule's text in the file.
    var schedule: String?
    var channels: [ChannelUse] = []
}

/// Reads the documents of one file as jobs.
struct JobReader {
    let zones: ZoneDatabase
    let expressions: Expressions
    /// The zone of jobs without a `timezone`.
    let standardZone: Zone
    /// If set, the reader also warns of probable mistakes, as of this moment.
    let adviceAt: Instant?
    var findings: Findings

    /// The job of one document; nil: the document does not even have a name. All problems go to `findings`.
    mutating func read(_ document: Node) -> Declaration? {
        let before = findings.problems.count
        guard let pairs = pairs(of: document) else { return nil }
        var draft = Draft(zone: standardZone)
        for pair in pairs where !findings.isFull {
            if let key = JobKey.byName[pair.key] {
                read(key, pair, into: &draft)
            } else {
                reportUnknown(pair, in: &draft)
            }
        }
        reportMissing(in: draft, at: document.start)
        reportSharedNames(draft)
        guard let name = draft.name else { return nil }
        let isClean = findings.problems.count == before
        guard isClean, let schedule = draft.schedule else {
            return Declaration(name: draft.job.name, position: name, job: nil, channels: draft.channels)
        }
        if let adviceAt {
            adviseOnVariables(draft)
            adviseOnInputs(draft)
            advise(on: draft.job, declaredBy: schedule, dst: draft.shifts, at: adviceAt)
        }
        return Declaration(
            name: draft.job.name, position: name, job: draft.job,
            schedule: schedule.value.text?.withoutOuterBlanks, channels: draft.channels)
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

    mutating func readName(_ pair: Pair, into draft: inout Draft) {
        draft.hasName = true
        guard let name = pipelineName(pair) else { return }
        draft.job.name = name
        draft.name = pair.value.start
    }

    mutating func readSchedule(_ pair: Pair, into draft: inout Draft) {
        if let first = draft.scheduleKey {
            findings.report(
                at: pair.place,
                "both 'scheduler' and 'schedule' are given, the first at \(first.line):\(first.column)",
                hint: "keep one of the two: they mean the same")
        }
        draft.scheduleKey = pair.place
        guard let expression = expression(pair) else { return }
        draft.job.schedule.expression = expression
        draft.schedule = pair
    }

    private mutating func reportUnknown(_ pair: Pair, in draft: inout Draft) {
        let meant = JobKey.meant(by: pair.key)
        draft.hasName = draft.hasName || meant == .pipelineName
        if meant == .scheduler || meant == .schedule {
            draft.scheduleKey = draft.scheduleKey ?? pair.place
        }
        let known = JobKey.allCases.map(\.rawValue).joined(separator: ", ")
        let hint = JobKey.opposite(pair.key, pair.value.text) ?? meant?.rawValue ?? "one of \(known)"
        findings.report(at: pair.place, "unknown key \(pair.key.quoted)", hint: hint)
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

/// The parts of a job read so far.
struct Draft {
    var job: Job
    /// The position of the job's name; nil: none so far.
    var name: Position?
    /// Whether there is a key for the name, or one of similar spelling.
    var hasName = false
    /// The position of the schedule's key, or of one with similar spelling.
    var scheduleKey: Position?
    /// The cron expression, if it has no error.
    var schedule: Pair?
    /// The position of the key `dst`.
    var shifts: Position?
    /// The positions of the keys `variables` and `inputs`.
    var variables: Position?
    var inputs: Position?
    /// The channels of `notify` and `ping`.
    var channels: [ChannelUse] = []

    init(zone: Zone) {
        job = Job(name: "", schedule: Schedule(.everySecond, in: zone))
    }
}
