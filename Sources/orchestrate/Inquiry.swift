import CivilTime
import Cron
import Ledger
import Scheduling

/// What a command can say about a fire time.
enum Finding {
    /// The fire time has its row.
    case run(RunHistory)
    /// The fire time is still to come.
    case coming(Instant, Job)
    case nothing(Instant?, NothingReason)
}

/// Why the fire time has no row.
enum NothingReason {
    case noRunYet(next: Instant?)
    case notDeclared
    case notAFireTime(expression: String, before: Instant?, after: Instant?)
    /// A shift of the clock leaves the fire time out.
    case leftOut(ShiftEffect)
    case noLedger(path: String)
    /// The job's fire times have their rows up to `covered` only.
    case notReached(covered: Instant)
    case neverSeen
    /// Rows of this job are older than the fire time, so the job had another schedule then or was not declared.
    case scheduleDiffered
    /// The ledger has no row of this job that is as old.
    case beforeRecords
}

/// Finds out what became of a fire time of one job.
struct Inquiry {
    let name: String
    /// nil if no job file declares the job.
    let job: Job?
    /// nil if there is no ledger.
    let ledger: Ledger?
    let path: String
    let now: Instant

    func finding(for asked: Asked) throws(LedgerError) -> Finding {
        switch asked {
        case .last:
            if let run = try newestRun(before: nil), let history = try ledger?.run(run.id) {
                return .run(history)
            }
            guard ledger != nil else { return .nothing(nil, .noLedger(path: path)) }
            return .nothing(nil, .noRunYet(next: job?.schedule.next(after: now)))
        case .at(let time):
            let zone = job?.schedule.zone ?? .utc
            if let effect = leftOut(time, in: zone) { return .nothing(effect.shift, .leftOut(effect)) }
            // A length of time before now hardly ever hits a fire time, so the user means the last one up to there.
            if case .length = time, let job, let instant = time.instants(in: zone, now: now).first {
                return try finding(for: [
                    job.schedule.previous(before: instant.advanced(by: .seconds(1))) ?? instant
                ])
            }
            return try finding(for: time.instants(in: zone, now: now))
        }
    }

    /// What became of each fire time of a day, and of each run that `trigger` began.
    func findings(of day: Range<Instant>) throws(LedgerError) -> [Finding] {
        let rows =
            try ledger?.runs(
                RunFilter(jobs: [name], since: day.lowerBound, until: day.upperBound, limit: Self.mostOfADay))
            ?? []
        var instants = Set(rows.map(\.id.fireTime))
        var last = day.lowerBound.advanced(by: .microseconds(-1))
        while let next = job?.schedule.next(after: last), next < day.upperBound,
            instants.count < Self.mostOfADay
        {
            instants.insert(next)
            last = next
        }
        var findings: [Finding] = []
        for instant in instants.sorted() { findings.append(try finding(for: [instant])) }
        return findings
    }

    private static let mostOfADay = 2_000

    /// The shift of the clock that leaves out this wall-clock time, because the job's `dst` says so.
    private func leftOut(_ time: TimeArgument, in zone: Zone) -> ShiftEffect? {
        guard let job, let clock = time.clock(in: zone, now: now),
            let near = time.instants(in: zone, now: now).first
        else { return nil }
        let effects = job.schedule.shiftEffects(
            after: near.advanced(by: .seconds(-86_400)), until: near.advanced(by: .seconds(86_400)))
        return effects.first { $0.leavesOut(clock) }
    }

    func hasRuns() throws(LedgerError) -> Bool { try newestRun(before: nil) != nil }

    /// Several instants are the two passes of an hour that comes twice.
    private func finding(for instants: [Instant]) throws(LedgerError) -> Finding {
        for instant in instants {
            if let history = try ledger?.run(RunID(job: name, fireTime: instant)) { return .run(history) }
        }
        guard let first = instants.first else { return .nothing(nil, .notDeclared) }
        guard let job else { return .nothing(first, .notDeclared) }
        guard let fireTime = instants.first(where: job.schedule.fires) else {
            let reason = NothingReason.notAFireTime(
                expression: job.schedule.expression.description, before: job.schedule.previous(before: first),
                after: job.schedule.next(after: first))
            return .nothing(first, reason)
        }
        if fireTime > now { return .coming(fireTime, job) }
        return .nothing(fireTime, try reason(for: fireTime))
    }

    private func reason(for fireTime: Instant) throws(LedgerError) -> NothingReason {
        guard let ledger else { return .noLedger(path: path) }
        guard let covered = try ledger.coveredThrough(name) else { return .neverSeen }
        if fireTime > covered { return .notReached(covered: covered) }
        return try newestRun(before: fireTime) == nil ? .beforeRecords : .scheduleDiffered
    }

    private func newestRun(before: Instant?) throws(LedgerError) -> Run? {
        try ledger?.runs(RunFilter(jobs: [name], until: before, limit: 1)).first
    }
}
