import Cron

/// Reading from GitLab what the ledger may not know: an instance whose ledger was lost, or that came after the copy this
/// one began with, has left its run ids on its pipelines. GitLab is the ledger's ledger.
extension Scheduler {
    /// How far back an empty ledger is filled.
    private static let window = Duration.seconds(8 * 86_400)
    /// How far back a ledger is brought up to date at most.
    private static let longest = Duration.seconds(30 * 86_400)
    /// A pipeline that failed longer ago was given up by whoever watched it.
    private static let stillRetried = Duration.seconds(3_600)

    /// Whether the ledger may lack what others did: in CI always but for a proof of the contrary, and elsewhere when it
    /// is empty, which may be a first start or a loss, or an older copy of the one that was used last.
    var needsSurvey: Bool {
        if case .trigger = settings.mode { return false }
        return isBlank || (settings.instance == nil ? !past.isLatest : !trustsLedger)
    }

    mutating func beginSurvey() {
        phase = .surveying
        for project in projects {
            surveys[project] = surveys[project] ?? 0
            survey(project)
        }
    }

    private var projects: Set<String> {
        Set([settings.project] + jobs.compactMap(\.job.project) + open.values.compactMap(\.run.project))
    }

    private mutating func survey(_ project: String) {
        let since =
            isBlank
            ? now.advanced(by: .zero - Self.window)
            : max(jobs.map(\.covered).max() ?? now, now.advanced(by: .zero - Self.longest))
                .advanced(by: .zero - ServerClock.largestError)
        decision.effects.append(
            .survey(project: project, since: clock.there(since), changed: !isBlank))
    }

    mutating func surveyAgain(_ project: String) {
        guard phase == .surveying, surveys[project] != nil else { return }
        survey(project)
    }

    mutating func surveyed(_ project: String, _ answer: Answer<Search>) {
        guard phase != .scheduling else { return lookedAgain(project, answer) }
        guard phase == .surveying, let failures = surveys[project] else { return }
        switch answer {
        case .failure(let trouble) where trouble.isPassing:
            surveys[project] = failures + 1
            if failures == 0 {
                log(
                    .warning, "gitlab",
                    "nothing is scheduled until project \(project) can be read: \(trouble.words)")
            }
            set(.survey(project), after: pause(after: failures + 1, trouble, of: project))
            return
        case .failure(let trouble):
            surveyLacks = true
            logUnlisted(project, trouble, .error)
        case .success(let search):
            clock.note(search.serverTime, at: now)
            surveyLacks = surveyLacks || !search.isComplete
            if !search.isComplete {
                log(
                    .warning, "survey",
                    "project \(project) has more pipelines than are read at a start; the oldest are left out")
            }
            adopt(search.found, of: project)
        }
        surveys[project] = nil
        guard surveys.isEmpty else { return }
        // What was found may be in the ledger as over: only when that is known can fire times be planned.
        let isWritten = decision.changes.contains { if case .insert = $0 { true } else { false } }
        if isWritten { isSurveyRead = true } else { endSurvey() }
    }

    /// When somebody may have posted last what the ledger does not know.
    private var lastPostOfStrangers: Instant {
        settings.instance == nil || strangersPostedUntil == .distantPast
            ? strangersPostedUntil : othersPostedUntil
    }

    /// When GitLab is done with that.
    private var strangersAreDoneAt: Instant { lastPostOfStrangers.advanced(by: settings.settle) }

    /// GitLab may still be at work on POSTs of others when it is asked first. When it is done with them it is asked again.
    mutating func planSecondLook() {
        if case .trigger = settings.mode { return }
        guard strangersAreDoneAt > now, settings.instance == nil || !trustsLedger else { return }
        secondLooks = projects
        set(.secondLook, at: strangersAreDoneAt)
    }

    mutating func lookAgain() {
        if phase == .surveying { set(.secondLook, after: settings.poll) }
        guard phase == .scheduling else { return }
        // It may have begun anew since this was planned.
        guard strangersAreDoneAt <= now else { return set(.secondLook, at: strangersAreDoneAt) }
        let since = clock.there(lastPostOfStrangers).advanced(by: .seconds(-120))
        for project in secondLooks.sorted() {
            decision.effects.append(.survey(project: project, since: since, changed: false))
        }
    }

    private mutating func lookedAgain(_ project: String, _ answer: Answer<Search>) {
        switch answer {
        case .success(let search):
            adopt(search.found, of: project)
            surveyLacks = surveyLacks || !search.isComplete
        case .failure(let trouble) where trouble.isPassing: return set(.secondLook, after: .seconds(60))
        case .failure(let trouble): logUnlisted(project, trouble, .warning)
        }
        secondLooks.remove(project)
    }

    /// The runs that were found are in the ledger.
    mutating func surveyWritten() {
        guard isSurveyRead else { return }
        isSurveyRead = false
        if phase == .surveying { endSurvey() }
    }

    /// Takes over what the pipelines say, oldest fire time first.
    private mutating func adopt(_ found: [RunID: [Sighting]], of project: String) {
        for (id, sightings) in found.sorted(by: { $0.key < $1.key }) {
            let pipelines = own(sightings, of: id)
            guard let eldest = pipelines.first else { continue }
            sighted.insert(id)
            if let run = open[id]?.run {
                if run.pipeline == nil { stopWaiting(run) }
                cancelTwins(Array(pipelines.dropFirst()), of: run)
                keep(eldest, for: run)
                // Whoever had the ledger that this one is a copy of has given it up.
                if eldest.progress == .failed, !isStillRetried(id, eldest) {
                    move(id, .failed("the pipeline failed long ago"))
                }
            } else {
                let run = rebuilt(id, from: eldest, project)
                cancelTwins(Array(pipelines.dropFirst()), of: run)
                insert(run, seen: eldest)
            }
        }
    }

    /// The pipelines of a run, eldest first. A scheduler on another ref may have a job of the same name.
    func own(_ sightings: [Sighting], of id: RunID) -> [Sighting] {
        let expected = open[id]?.run.ref ?? jobIndex[id.job].flatMap { jobs[$0].job.ref } ?? settings.ref
        return sightings.filter { $0.ref.map { $0 == expected || $0 == settings.ref } ?? true }
            .sorted { $0.pipeline.id < $1.pipeline.id }
    }

    private func rebuilt(_ id: RunID, from sighting: Sighting, _ project: String) -> Run {
        var run = Run(id, state: .triggered, reason: "found in GitLab: the ledger did not know it")
        run.project = project
        run.ref = sighting.ref ?? settings.ref
        run.pipeline = sighting.pipeline
        run.attempts = 1
        run.triggeredAt = sighting.createdAt.map(clock.here)
        switch sighting.progress {
        case .succeeded: run.state = .succeeded
        case .canceled: run.state = .canceled
        case .skipped: run.state = .skipped
        case .failed where !isStillRetried(id, sighting): run.state = .failed
        case .failed, .going, .blocked, .unknown: break
        }
        if !run.state.isOpen { run.finishedAt = sighting.changedAt.map(clock.here) ?? now }
        return run
    }

    private func isStillRetried(_ id: RunID, _ sighting: Sighting) -> Bool {
        guard let index = jobIndex[id.job], jobs[index].job.retries > 0 else { return false }
        let changed = sighting.changedAt.map(clock.here) ?? now
        return changed.duration(to: now) < Self.stillRetried
    }

    /// Writes a run that the ledger may have after all: then its row stays as it is.
    private mutating func insert(_ run: Run, seen sighting: Sighting) {
        decision.changes.append(.insert(run))
        foundRuns += 1
        guard run.state.isOpen else { return }
        adopted.insert(run.id)
        load(run)
        watch(run.id)
        saw(sighting, of: run.id)
    }

    private mutating func endSurvey() {
        let fireTimes = Dictionary(grouping: sighted, by: \.job).mapValues { $0.map(\.fireTime).sorted() }
        for index in jobs.indices { advance(index, past: fireTimes[jobs[index].job.name] ?? []) }
        sighted.removeAll()
        if isBlank, foundRuns > 0 {
            log(
                .warning, "rebuilt",
                "the ledger was empty, and GitLab has \(foundRuns) runs of the last days: they were taken over, and "
                    + "fire times before them are not known any more")
        } else if foundRuns > 0 {
            log(
                .info, "survey", "\(foundRuns) runs with pipelines are newer than the ledger or in it already"
            )
        }
        foundRuns = 0
        isBlank = false
        startScheduling()
    }

    /// Moves a job's mark to its newest pipeline: who created that had decided about every fire time before.
    private mutating func advance(_ index: Int, past sighted: [Instant]) {
        let job = jobs[index].job
        // Those of `trigger` are no fire times of the schedule.
        let fireTimes = sighted.filter { job.schedule.fires(at: $0) }
        guard let newest = fireTimes.last, isBlank || newest > jobs[index].covered else {
            if isBlank { decision.changes.append(.cover(job: job.name, through: jobs[index].covered)) }
            return
        }
        recordUnknown(job, after: isBlank ? fireTimes[0] : jobs[index].covered, until: newest)
        jobs[index].covered = newest
        decision.changes.append(.cover(job: job.name, through: newest))
    }

    /// Fire times that were decided about by an instance whose ledger is not there.
    private mutating func recordUnknown(_ job: Job, after start: Instant, until end: Instant) {
        var time = start
        var count = 0
        while let next = job.schedule.next(after: time), next < end, count < 20_000 {
            count += 1
            time = next
            guard !sighted.contains(RunID(job: job.name, fireTime: next)) else { continue }
            decision.changes.append(.insert(skipped(Skip(next, .unrecorded), of: job)))
        }
    }
}

extension Schedule {
    /// Whether it fires at this very instant.
    fileprivate func fires(at instant: Instant) -> Bool {
        next(after: instant.advanced(by: .microseconds(-1))) == instant
    }
}
