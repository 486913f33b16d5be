import CivilTime

/// Reads from GitLab what the ledger may not know. An instance whose ledger was lost has left its run ids on its
/// pipelines. So has an instance that ran after this ledger was copied. GitLab is the ledger's ledger.
extension Scheduler {
    /// How far back an empty ledger is filled.
    private static let window = Duration.seconds(8 * 86_400)
    /// How far back a ledger is brought up to date at most.
    private static let longest = Duration.seconds(30 * 86_400)
    /// A pipeline that failed longer ago than this is over: the instance that watched it has given it up.
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
        // A mark that lies in the future says nothing.
        let since =
            provenance.isBlank || mark > now.advanced(by: Clocks.largestError)
            ? now.advanced(by: .zero - Self.window)
            : max(mark, now.advanced(by: .zero - Self.longest)).advanced(by: .zero - Clocks.largestError)
        decision.requests.append(
            .survey(
                project: project, since: clock.listStart(since), changed: !provenance.isBlank,
                asksMark: marking.lacksEvidence(project)))
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
            let words = "the scheduler begins no runs until it can read project \(project): \(trouble.words)"
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
                "project \(project) has more pipelines than the scheduler reads at its start; it left out the oldest"
            learn(from: search, of: project)
            if !isComplete, search.closed == 0 { log(.warning, "survey", words) }
            adopt(search.found, of: project)
            tellFound()
        }
        guard survey.read(project, isComplete: isComplete) else { return }
        // The ledger may have the runs that were found as finished. Only when it has told can fire times be planned.
        let isWritten = decision.changes.contains { if case .insert = $0 { true } else { false } }
        if isWritten { survey.isWriting() } else { endSurvey() }
    }

    /// GitLab may still be at work on POSTs of other instances during the first reading. When it has carried them out,
    /// the scheduler reads once more.
    mutating func planSecondLook() {
        guard !isTrigger else { return }
        guard let time = provenance.secondLook(settle: settings.settle, now: now) else { return }
        survey.planSecondLook(at: projects)
        timers.set(.secondLook, at: time)
    }

    mutating func lookAgain() {
        if phase == .surveying { set(.secondLook, after: settings.poll) }
        guard phase == .scheduling else { return }
        // The scheduler may have taken over again since it planned this look.
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
            tellFound()
            survey.lookedAgain(project, isComplete: search.isComplete)
        case .failure(let trouble) where trouble.isPassing: set(.secondLook, after: .seconds(60))
        case .failure(let trouble):
            logUnlisted(project, trouble, .warning)
            survey.lookedAgain(project)
        }
    }

    /// The ledger has the runs that the survey found.
    mutating func surveyWritten() {
        if survey.written(), phase == .surveying { endSurvey() }
    }

    /// Turns the pipelines that were found into runs, oldest fire time first.
    private mutating func adopt(_ found: [RunID: [Sighting]], of project: String) {
        for (id, sightings) in found.sorted(by: { $0.key < $1.key }) {
            let pipelines = own(sightings, of: id)
            guard let eldest = pipelines.first else { continue }
            survey.sees(id)
            // This process knows more than a list about a run that ended in it.
            if open.recent.contains(id), open[id] == nil {
                let twins = pipelines.filter { $0.pipeline.id != open.recent.pipeline(of: id) }
                cancelTwins(twins, of: rebuilt(id, from: eldest, project))
                continue
            }
            if let run = open[id]?.run {
                if run.pipeline == nil { stopWaiting(run) }
                keep(eldest, for: run, notThese: Array(pipelines.dropFirst()))
                // The instance whose ledger was copied has given the pipeline up.
                if eldest.progress == .failed, !isStillRetried(id, eldest) {
                    move(id, .failed("the pipeline failed long ago"))
                }
            } else {
                let run = rebuilt(id, from: eldest, project)
                cancelTwins(Array(pipelines.dropFirst()), of: run)
                insert(run, seen: eldest)
                telling.found(run)
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

    /// Writes a run that the ledger may have after all: then the ledger keeps its row as it is.
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
                "the ledger was empty, and the scheduler filled it with the runs of the last days that GitLab has "
                    + "(\(found)); it no longer knows the fire times before them")
        } else if found > 0 {
            log(.info, "survey", "the scheduler found runs in GitLab that the ledger may lack: \(found)")
        }
        provenance.surveyed()
        startScheduling()
    }

    /// Moves a job's mark to its newest pipeline: the instance that created it had decided every fire time before.
    private mutating func advance(_ place: Int, _ state: JobState, past sighted: [Instant]) {
        let job = state.job
        // Run ids of `trigger` carry no fire time of the schedule. A fire time in the future comes from a wrong clock
        // or is forged.
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

    /// Writes rows for fire times that another instance decided, whose ledger this is not. It writes some at a time,
    /// because they may be millions. False where there are none.
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
        tellUnrecorded(skips, of: state.job, isDone: isDone)
        let mark = jobs.recorded(place, through: isDone ? end : time, isAll: isDone)
        decision.changes.append(.cover(job: state.job.name, through: mark))
        jobs.makeDue(place)
        if isDone, jobs.isRecorded { survey.forgetSighted() }
        return true
    }
}
