import CivilTime

extension Scheduler {
    /// Takes a set of jobs. A job without a mark is new and has no past: it begins now, or at its instant in
    /// `newSince`.
    mutating func declare(
        _ declared: [Job], covered: [String: Instant], newSince: [String: Instant] = [:]
    ) {
        jobs.declare(
            declared.map { ($0, covered[$0.name] ?? newSince[$0.name] ?? now) }, open: openRuns)
        // While the ledger is empty, the scheduler does not know yet which jobs are new.
        for state in jobs.states where !provenance.isBlank && covered[state.job.name] == nil {
            decision.changes.append(.cover(job: state.job.name, through: state.covered))
        }
        for id in open.keys where open[id]?.job == nil { open[id]?.job = jobs.job(named: id.job) }
        for name in covered.keys.sorted() where jobs.place(of: name) == nil {
            decision.changes.append(.forget(job: name))
            endIncident(of: name)
        }
    }

    /// Makes every job due, so that its plan says when it wakes next.
    mutating func armJobs() {
        timers.forgetJobs()
        jobs.makeAllDue()
    }

    mutating func reloaded(_ declared: [Job]) {
        let before = jobs
        var covered = Dictionary(before.states.map { ($0.job.name, $0.covered) }) { first, _ in first }
        // A new schedule begins now: it has not promised anything for the time before.
        for job in declared where before.job(named: job.name).map({ $0.schedule != job.schedule }) ?? false {
            covered[job.name] = max(covered[job.name] ?? now, now)
        }
        declare(declared, covered: covered)
        let removed = before.states.filter { jobs.place(of: $0.job.name) == nil }
        for id in removed.flatMap(\.held) {
            move(id, .dropped("the job was removed while the fire time waited"))
        }
        let added = declared.count { covered[$0.name] == nil }
        let changed = declared.count { job in before.job(named: job.name).map { $0 != job } ?? false }
        log(
            .info, "reloaded",
            "job files read again: \(declared.count) jobs, \(added) new, \(changed) changed, \(removed.count) removed"
        )
        if phase == .scheduling {
            armJobs()
            askForTargets()
        }
    }

    /// Takes over an open run from the ledger, or one that another process wrote there.
    mutating func load(_ run: Run) {
        guard open[run.id] == nil else { return }
        var run = run
        // GitLab never asks to wait for longer than an hour. A clock that was ahead has written any later time.
        run.notBefore = run.notBefore.map { min($0, now.advanced(by: .seconds(3_600))) }
        open[run.id] = OpenRun(run: run, job: jobs.job(named: run.id.job), earlierAttempts: run.attempts)
        jobs.began(run.id, isGoing: run.isGoing)
    }

    /// `trigger`, another process, wrote these runs while this one runs. This one watches their pipelines from now on.
    /// It leaves runs without a pipeline to the other process: two must not post the same run.
    mutating func found(_ runs: [Run]) {
        for run in runs where open[run.id] == nil && run.state.isOpen && run.pipeline != nil {
            load(run)
            if phase == .scheduling { resume(run.id) }
        }
    }

    /// Goes on with a run whose beginning this process has not seen.
    mutating func resume(_ id: RunID) {
        guard let run = open[id]?.run else { return }
        // The pipeline may have ended long ago: the first round looks at it.
        if run.pipeline != nil { return watch(id, seen: .distantPast) }
        open[id]?.job.map { mindLateness(of: run, $0) }
        guard run.state == .claimed, run.sentAt == nil else { return doubtEarlier(run) }
        guard let state = jobs.state(of: id.job) else {
            move(id, .dropped("the job is not declared any more"))
            return
        }
        guard !isAnotherTrigger(id) else {
            move(id, .dropped(Self.triggerEnded))
            return
        }
        let isBlocked = state.runs.contains { other in
            guard other != id, let run = open[other]?.run, run.isGoing else { return false }
            // Another instance began a later run that has its pipeline.
            return other < id || run.pipeline != nil
        }
        if isBlocked && !state.job.runsBesideEarlier { jobs.hold(id) } else { proceed(id) }
    }

    static let triggerEnded = "trigger ended before it was posted"

    /// Whether a `trigger` in another process began this run, perhaps with variables that only that process knows.
    func isAnotherTrigger(_ id: RunID) -> Bool { !isTrigger && id.fireTime.microseconds % 1_000_000 != 0 }

    /// Counts a run of the job in or out. When no run of the job is going any more, the oldest held claim goes on.
    mutating func occupy(_ name: String, _ change: Int) {
        if let next = jobs.count(change, of: name) { proceed(next) }
    }

    /// `overlap: cancel`: the job's open runs give way.
    mutating func giveWay(of name: String, to fireTime: Instant?) {
        let words = "overlap: gave way to \(fireTime?.rfc3339 ?? "a newer fire time")"
        for run in (jobs.state(of: name)?.runs ?? []).compactMap({ open[$0]?.run }) {
            if run.pipeline != nil {
                cancel(run.id, words)
            } else if run.state == .claimed && run.sentAt == nil
                && reconcilers[project(of: run)]?.contains(run.id) != true
            {
                move(run.id, .dropped(words))
            } else {
                // Its POST is under way, or another instance may have posted it. The scheduler cancels the pipeline as
                // soon as there is one.
                open[run.id]?.canceling = words
            }
        }
    }
}
