import Cron

extension Scheduler {
    /// Takes a set of jobs: those without a mark are new and have no past, so that they begin now, or with this process.
    mutating func declare(
        _ declared: [Job], covered: [String: Instant], newSince: [String: Instant] = [:]
    ) {
        let runs = Dictionary(grouping: openRuns, by: \.id.job)
        let held = Dictionary(jobs.map { ($0.job.name, $0.held) }) { first, _ in first }
        jobs = declared.map { job in
            let mark = covered[job.name]
            // Whether it is new is not known yet while the ledger is empty.
            let begin = mark ?? newSince[job.name] ?? now
            if mark == nil, !isBlank { decision.changes.append(.cover(job: job.name, through: begin)) }
            return JobState(
                job: job, covered: begin, runs: runs[job.name]?.map(\.id) ?? [],
                going: runs[job.name]?.count(where: \.isGoing) ?? 0, held: held[job.name] ?? [])
        }
        jobIndex = Dictionary(
            jobs.enumerated().map { ($0.element.job.name, $0.offset) }
        ) { first, _ in first }
        for id in open.keys where open[id]?.job == nil {
            open[id]?.job = jobIndex[id.job].map { jobs[$0].job }
        }
        for name in covered.keys.sorted() where jobIndex[name] == nil {
            decision.changes.append(.forget(job: name))
        }
    }

    /// Makes every job due, so that its plan says when it wakes next.
    mutating func armJobs() {
        timers.forgetJobs()
        due = Array(jobs.indices)
    }

    mutating func reloaded(_ declared: [Job]) {
        let before = Set(jobs.map(\.job))
        let schedules = Dictionary(jobs.map { ($0.job.name, $0.job.schedule) }) { first, _ in first }
        var covered = Dictionary(jobs.map { ($0.job.name, $0.covered) }) { first, _ in first }
        // A new schedule begins now: it has not promised anything for the time before.
        for job in declared where schedules[job.name].map({ $0 != job.schedule }) ?? false {
            covered[job.name] = max(covered[job.name] ?? now, now)
        }
        let names = Set(declared.map(\.name))
        let orphans = jobs.flatMap(\.held).filter { !names.contains($0.job) }
        declare(declared, covered: covered)
        orphans.forEach { move($0, .dropped("the job was removed while the fire time waited")) }
        let added = declared.count { covered[$0.name] == nil }
        let changed = declared.count { covered[$0.name] != nil && !before.contains($0) }
        let removed = covered.keys.count { !names.contains($0) }
        log(
            .info, "reloaded",
            "job files read again: \(declared.count) jobs, \(added) new, \(changed) changed, \(removed) removed"
        )
        if phase == .scheduling { armJobs() }
    }

    /// Takes over an open run from the ledger, or one that another process wrote there.
    mutating func load(_ run: Run) {
        guard open[run.id] == nil else { return }
        open[run.id] = OpenRun(run: run, job: jobIndex[run.id.job].map { jobs[$0].job })
        jobIndex[run.id.job].map { jobs[$0].runs.append(run.id) }
        occupy(run.id.job, run.isGoing ? 1 : 0)
    }

    /// What another process wrote while this one runs: its pipelines are watched from now on. What it has not
    /// posted yet, or is still in doubt about, is left to it: two must not post the same.
    mutating func found(_ runs: [Run]) {
        for run in runs where open[run.id] == nil && run.state.isOpen && run.pipeline != nil {
            load(run)
            if phase == .scheduling { resume(run.id) }
        }
    }

    /// Goes on with a run whose beginning this process has not seen.
    mutating func resume(_ id: RunID) {
        guard let run = open[id]?.run else { return }
        // It may have ended long ago: it is looked at in the first round.
        if run.pipeline != nil { return watch(id, seen: .distantPast) }
        guard run.state == .claimed, run.sentAt == nil else {
            return doubtEarlier(run)
        }
        guard let index = jobIndex[id.job] else {
            move(id, .dropped("the job is not declared any more"))
            return
        }
        let isBlocked = jobs[index].runs.contains { other in
            guard other != id, let run = open[other]?.run, run.isGoing else { return false }
            // A later one that has its pipeline is one that another instance began.
            return other < id || run.pipeline != nil
        }
        if isBlocked && !jobs[index].job.runsBesideEarlier {
            jobs[index].held.append(id)
            jobs[index].held.sort()
        } else {
            proceed(id)
        }
    }

    /// Counts a run of the job in or out.
    mutating func occupy(_ name: String, _ change: Int) {
        guard change != 0, let index = jobIndex[name] else { return }
        jobs[index].going = max(0, jobs[index].going + change)
        guard change < 0 else { return }
        releaseHeld(index)
    }

    /// When nothing of the job goes any more but what is held, the oldest of that goes.
    private mutating func releaseHeld(_ index: Int) {
        guard !jobs[index].held.isEmpty, jobs[index].going <= jobs[index].held.count else { return }
        proceed(jobs[index].held.removeFirst())
    }

    /// `overlap: cancel`: what is open of the job makes room.
    mutating func giveWay(of name: String, to fireTime: Instant?) {
        let words = "overlap: gave way to \(fireTime?.rfc3339 ?? "a newer fire time")"
        let runs = jobIndex[name].map { jobs[$0].runs } ?? []
        for run in runs.compactMap({ open[$0]?.run }) {
            if run.pipeline != nil {
                cancel(run.id, words)
            } else if run.state == .claimed && run.sentAt == nil
                && doubts[project(of: run)]?.runs[run.id] == nil
            {
                move(run.id, .dropped(words))
            } else {
                // Its POST is under way, or another instance's may be: it is cancelled as soon as there is a pipeline.
                open[run.id]?.canceling = words
            }
        }
    }
}

extension Run {
    /// Open, and not just waiting for a person: such a run is in the way of the next one.
    var isGoing: Bool { state.isOpen && state != .blocked }
}
