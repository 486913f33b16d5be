import CivilTime

/// An open run and what the scheduler is doing about it.
struct OpenRun: Sendable {
    var run: Run
    /// The job as it was declared when the run began; nil when it is not declared any more.
    var job: Job?
    var isRecorded = true
    /// When this process last handed its POST to the network, or heard that its answer will never come.
    var postedAt: Instant?
    /// Why its pipeline is being canceled.
    var canceling: String?
    /// GitLab has taken the cancellation of its pipeline.
    var hasCanceled = false
    /// Set when the run is posted a second time. Once its pipeline exists, the scheduler looks for twins created at
    /// this instant or later.
    var twinsSince: Instant?
    /// The scheduler is asking GitLab about its failed pipeline, or is about to.
    var isRetrying = false
    /// Failed CI jobs that GitLab did not start again. Where they are still the latest attempts, GitLab does not allow
    /// the retry.
    var notRetryable: Set<Int64> = []
    /// The trigger jobs of its pipeline that GitLab has listed, earlier attempts included.
    var triggerJobs: [CIJob] = []
    /// Attempts of its pipeline that an earlier process has seen.
    var earlierAttempts = 0
    /// A "failed" status may predate our retry. The first one triggers a fresh look; the second is believed.
    var hasBeenLookedAtAgain = false
    /// When its pipeline has run as long as the job's timeout allows.
    var overdueAt: Instant?
    var failures = 0
    /// GitLab's refusal of marks of the other kind, which this claim was posted with first.
    var markRefusal: String?
    /// GitLab has been asked to give its pipeline the run id as its name.
    var isBeingNamed = false
    /// Own clock: when its pipeline ended, as GitLab tells it.
    var pipelineEndedAt: Instant?

    /// The run as it is written for the first time.
    mutating func recorded(reason: String?) -> Run {
        run.reason = reason
        isRecorded = true
        return run
    }

    /// The CI jobs that GitLab lists, and the earlier attempts of trigger jobs, which it lists no more.
    mutating func withEarlierTriggers(_ jobs: [CIJob]) -> [CIJob] {
        let listed = Set(jobs.map(\.id))
        let all = jobs + triggerJobs.filter { !listed.contains($0.id) }
        triggerJobs = all.filter(\.isTrigger)
        return all
    }

    /// The run after the event; nil where the event comes too late to matter.
    mutating func move(by event: RunEvent, at now: Instant) -> Run? {
        guard var moved = run.after(event, at: now) else { return nil }
        if moved.finishedAt != nil, let ended = pipelineEndedAt {
            moved.finishedAt = min(max(ended, moved.triggeredAt ?? ended), now)
        }
        run = moved
        return moved
    }

    mutating func clockWasSet(by step: Duration) {
        postedAt = postedAt?.advanced(by: step)
        twinsSince = twinsSince?.advanced(by: step)
        overdueAt = overdueAt?.advanced(by: step)
        pipelineEndedAt = pipelineEndedAt?.advanced(by: step)
    }
}
