import CivilTime

/// Another scheduler with the same jobs and another ledger. Outside CI nothing keeps it away, and in CI nothing keeps
/// away a scheduler outside. This scheduler notices the other one by the pipeline names in the lists that it reads
/// anyway. The other's pipelines count like its own: the pipeline of a run with the lowest id stays.
extension Scheduler {
    mutating func meet(_ sighting: Sighting, of id: RunID, in project: String) {
        guard isAnothers(sighting, id, project) else { return }
        tellOfAnother(sighting, id)
        if let run = open[id]?.run {
            meet(sighting, of: run)
        } else if open.recent.contains(id) {
            // The work is done, whatever the other pipeline would still do.
            cancelTwins([sighting], of: rebuilt(id, from: sighting, project))
        } else {
            insert(rebuilt(id, from: sighting, project), seen: sighting)
        }
    }

    private mutating func meet(_ sighting: Sighting, of run: Run) {
        guard let own = run.pipeline else {
            stopWaiting(run)
            return keep(sighting, for: run)
        }
        guard sighting.pipeline.id < own.id else { return cancelTwins([sighting], of: run) }
        keep(sighting, for: run)
    }

    private func isAnothers(_ sighting: Sighting, _ id: RunID, _ project: String) -> Bool {
        guard phase == .scheduling, settings.mode == .untilTold, isAlone, let job = jobs.job(named: id.job),
            project == job.project ?? settings.project, sighting.ref == job.ref ?? settings.ref,
            isOfThisTime(id, job), job.schedule.fires(at: id.fireTime)
        else { return false }
        guard let run = open[id]?.run else {
            return open.recent.pipeline(of: id).map { $0 != sighting.pipeline.id } ?? !open.recent.contains(
                id)
        }
        // A POST that is not answered yet may have created this pipeline.
        return run.pipeline.map { $0.id != sighting.pipeline.id }
            ?? (run.state == .claimed && run.sentAt == nil)
    }

    /// Whether no other instance may be posting, as far as is known.
    private var isAlone: Bool {
        settings.instance == nil || (lease.standing == .newest && !lease.hasLapsed(at: now))
    }

    /// Whether only this process can have decided about the fire time.
    private func isOfThisTime(_ id: RunID, _ job: Job) -> Bool {
        let present = clock.latestPresent(at: now) ?? now
        return id.fireTime > max(provenance.began, open.recent.forgottenThrough) && id.fireTime <= present
            && !provenance.mustLookUp(dueAt: id.fireTime.advanced(by: job.delay))
    }

    private mutating func tellOfAnother(_ sighting: Sighting, _ id: RunID) {
        guard complaints.mayTell(.anotherScheduler, at: now) else { return }
        let words = "it started pipeline \(sighting.pipeline.id) for \(id), and this one did not"
        log(.error, "another-scheduler", "\(Self.anotherWords); \(words)")
        tell(.anotherScheduler, "\(Self.anotherWords); \(words)", subject: "another_scheduler@\(now.rfc3339)")
    }

    static let anotherWords =
        "another scheduler with the same jobs and a ledger of its own is at work: stop one of the two"
}
