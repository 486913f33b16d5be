import CivilTime

/// Reading from GitLab what the ledger may not know: an instance whose ledger was lost, or that came after the copy this
/// one began with, has left its run ids on its pipelines. GitLab is the ledger's ledger.
extension Scheduler {
    /// How far back an empty ledger is filled.
    private static let window = Duration.seconds(8 * 86_400)
    /// How far back a ledger is brought up to date at most.
    private static let longest = Duration.seconds(30 * 86_400)
    /// The instance that watched a pipeline gave it up when it failed longer ago than this.
    private static let stillRetried = Duration.seconds(3_600)

    var needsSurvey: Bool {
        !isTrigger && provenance.needsSurvey
    }

    var isTrigger: Bool {
        if case .trigger = settings.mode { true } else { false }
    }

    mutating func beginSurvey() {
        lifecycle.enter(.surveying)
        survey.begin(projects)
        projects.sorted().forEach { read($0) }
    }

    private var projects: Set<String> {
        let others = jobs.states.compactMap { $0.job.project } + open.values.compactMap { $0.run.project }
        return Set([settings.project] + others)
    }

    private mutating func read(_ project: String) {
        let mark = jobs.states.map(\.covered).max() ?? now
        // A mark that is still to come says nothing.
        let since =
            provenance.isBlank || mark > now.advanced(by: Clocks.largestError)
            ? now.advanced(by: .zero - Self.window)
            : max(mark, now.advanced(by: .zero - Self.longest)).advanced(by: .zero - Clocks.largestError)
        decision.requests.append(
            .survey(project: project, since: clock.listStart(since), changed: !provenance.isBlank))
    }

    mutating func surveyAgain(_ project: String) {
        guard phase == .surveying, survey.isPending(project) else { return }
        read(project)
    }

    mutating func surveyed(_ project: String, _ answer: Answer<Search>) {
        guard phase != .scheduling else { return lookedAgain(project, answer) }
        guard phase == .surveying, survey.isPending(project) else { return }
        var isComplete = false
        switch answer {
        case .failure(let trouble) where trouble.isPassing:
            let failures = survey.failed(project)
            let words = "nothing is scheduled until project \(project) can be read: \(trouble.words)"
            if failures == 1 { log(.warning, "gitlab", words) }
            set(.survey(project), after: Backoff.outage(failures, trouble, of: project))
            return
        case .failure(let trouble):
            hear(nil)
            logUnlisted(project, trouble, .error)
        case .success(let search):
            hear(search.serverTime)
            tellOfClosed(search, project)
            isComplete = search.isComplete
            let words =
                "project \(project) has more pipelines than are read at a start; the oldest are left out"
            if !isComplete, search.closed == 0 { log(.warning, "survey", words) }
            adopt(search.found, of: project)
        }
        guard survey.read(project, isComplete: isComplete) else { return }
        // What was found may be in the ledger as over: only when that is known can fire times be planned.
        let isWritten = decision.changes.contains { if case .insert = $0 { true } else { false } }
        if isWritten { survey.isWriting() } else { endSurvey() }
    }

    /// GitLab may still be at work on POSTs of others when it is asked first. When it is done with them it is asked again.
    mutating func planSecondLook() {
        guard !isTrigger else { return }
        guard let time = provenance.secondLook(settle: settings.settle, now: now) else { return }
        survey.planSecondLook(at: projects)
        timers.set(.secondLook, at: time)
    }

    mutating func lookAgain() {
        if phase == .surveying { set(.secondLook, after: settings.poll) }
        guard phase == .scheduling else { return }
        // It may have begun anew since this was planned.
        if let later = provenance.secondLook(settle: settings.settle, now: now) {
            return timers.set(.secondLook, at: later)
        }
        let since = clock.listStart(provenance.lastUnknownPost).advanced(by: .seconds(-120))
        for project in survey.projectsToLookAt {
            decision.requests.append(.survey(project: project, since: since, changed: false))
        }
    }

    private mutating func lookedAgain(_ project: String, _ answer: Answer<Search>) {
        switch answer {
        case .success(let search):
            adopt(search.found, of: project)
            survey.lookedAgain(project, isComplete: search.isComplete)
        case .failure(let trouble) where trouble.isPassing: set(.secondLook, after: .seconds(60))
        case .failure(let trouble):
            logUnlisted(project, trouble, .warning)
            survey.lookedAgain(project)
        }
    }

    /// The runs that were found are in the ledger.
    mutating func surveyWritten() {
        if survey.written(), phase == .surveying { endSurvey() }
    }

    /// Takes over what the pipelines say, oldest fire time first.
    private mutating func adopt(_ found: [RunID: [Sighting]], of project: String) {
        for (id, sightings) in found.sorted(by: { $0.key < $1.key }) {
            let pipelines = own(sightings, of: id)
            guard let eldest = pipelines.first else { continue }
            survey.sees(id)
            // What has ended in this process is known better than by a list.
            if open.recent.contains(id), open[id] == nil {
                let twins = pipelines.filter { $0.pipeline.id != open.recent.pipeline(of: id) }
                cancelTwins(twins, of: rebuilt(id, from: eldest, project))
                continue
            }
            if let run = open[id]?.run {
                if run.pipeline == nil { stopWaiting(run) }
                keep(eldest, for: run, notThese: Array(pipelines.dropFirst()))
                // The instance whose ledger was copied has given it up.
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
        let expected = open[id]?.run.ref ?? jobs.job(named: id.job)?.ref ?? settings.ref
        return sightings.filter { $0.ref.map { $0 == expected || $0 == settings.ref } ?? true }
            .sorted { $0.pipeline.id < $1.pipeline.id }
    }

    func rebuilt(_ id: RunID, from sighting: Sighting, _ project: String) -> Run {
        var run = Run(id, state: .triggered, reason: "found in GitLab: the ledger did not know it")
        run.project = project
        run.ref = sighting.ref ?? settings.ref
        run.pipeline = sighting.pipeline
        run.attempts = 1
        // GitLab's dates may be wrong, too: a run begins after its fire time, and has not ended after now.
        let begin = min(max(sighting.createdAt.map(clock.here) ?? now, id.fireTime), now)
        run.triggeredAt = sighting.createdAt.map { _ in begin }
        switch sighting.progress {
        case .succeeded: run.state = .succeeded
        case .canceled: run.state = .canceled
        case .skipped: run.state = .skipped
        case .failed where !isStillRetried(id, sighting): run.state = .failed
        case .failed, .going, .blocked, .unknown: break
        }
        if !run.state.isOpen {
            run.finishedAt = min(max(sighting.changedAt.map(clock.here) ?? now, begin), now)
        }
        return run
    }

    private func isStillRetried(_ id: RunID, _ sighting: Sighting) -> Bool {
        guard let job = jobs.job(named: id.job), job.retries > 0 else { return false }
        // Where the clocks contradict each other, the later may be right.
        let changed = sighting.changedAt.map { max(clock.here($0), min($0, now)) } ?? now
        return changed.duration(to: now) < Self.stillRetried
    }

    /// Writes a run that the ledger may have after all: then its row stays as it is.
    mutating func insert(_ run: Run, seen sighting: Sighting) {
        decision.changes.append(.insert(run))
        survey.finds(run)
        guard run.state.isOpen else { return }
        load(run)
        watch(run.id)
        saw(sighting, of: run.id)
    }

    private mutating func endSurvey() {
        takeBackTheFuture()
        let fireTimes = survey.sightedFireTimes
        for (place, state) in jobs.states.enumerated() {
            advance(place, state, past: fireTimes[state.job.name] ?? [])
        }
        if jobs.isRecorded { survey.forgetSighted() }
        let found = survey.end()
        if provenance.isBlank, found > 0 {
            log(
                .warning, "rebuilt",
                "the ledger was empty, and GitLab has \(found) runs of the last days: they were taken over, and "
                    + "fire times before them are not known any more")
        } else if found > 0 {
            log(.info, "survey", "\(found) runs with pipelines are newer than the ledger or in it already")
        }
        provenance.surveyed()
        startScheduling()
    }

    /// Moves a job's mark to its newest pipeline: who created that had decided about every fire time before.
    private mutating func advance(_ place: Int, _ state: JobState, past sighted: [Instant]) {
        let job = state.job
        // Those of `trigger` are no fire times of the schedule, and those that are to come are a wrong clock's, or forged.
        let present = clock.latestPresent(at: now) ?? now
        let fireTimes = sighted.filter { $0 <= present && job.schedule.fires(at: $0) }
        guard let newest = fireTimes.last, provenance.isBlank || newest > state.covered else {
            if provenance.isBlank { decision.changes.append(.cover(job: job.name, through: state.covered)) }
            return
        }
        let start = provenance.isBlank ? fireTimes[0] : state.covered
        jobs.lacks(place, from: start, until: newest)
        decision.changes.append(.cover(job: job.name, through: start))
    }

    /// Records fire times that were decided about by an instance whose ledger is not there: some at a time, because they may
    /// be millions. False where there are none.
    mutating func recordUnknown(_ place: Int) -> Bool {
        let state = jobs.states[place]
        guard let end = state.unrecordedUntil else { return false }
        var time = state.covered
        var count = 0
        var skips = Skips()
        while count < PlanLimit.fireTimes, let next = state.job.schedule.next(after: time), next < end {
            (time, count) = (next, count + 1)
            guard !survey.hasSeen(RunID(job: state.job.name, fireTime: next)) else { continue }
            skips.append(Skip(next, .unrecorded))
        }
        skip(skips, of: state.job)
        let isDone = count < PlanLimit.fireTimes
        let mark = jobs.recorded(place, through: isDone ? end : time, isAll: isDone)
        decision.changes.append(.cover(job: state.job.name, through: mark))
        jobs.makeDue(place)
        if isDone, jobs.isRecorded { survey.forgetSighted() }
        return true
    }
}
