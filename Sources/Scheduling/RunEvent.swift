public import CivilTime

/// What can happen to a run.
public enum RunEvent: Hashable, Sendable {
    /// The POST goes out with marks of this kind as soon as this event is durable.
    case sending(MarkKind)
    /// GitLab created the pipeline.
    case created(Pipeline)
    /// GitLab said no, for good, in these words.
    case refused(String)
    /// GitLab has certainly created no pipeline. The run is posted again, but not before the instant.
    case postponed(String, until: Instant)
    /// The POST may or may not have created a pipeline.
    case answerLost(String)
    /// GitLab knows a pipeline with this run's id.
    /// `hasVariables`: it has the run id in a variable, so that it was not made with inputs, whatever this ledger has posted.
    case found(Pipeline, createdAt: Instant?, hasVariables: Bool = false)
    /// GitLab knows no pipeline of this run, and none can appear any more.
    case provedAbsent
    /// The scheduler cannot find out whether there is a pipeline.
    case unprovable(String)
    /// Given up before it was posted.
    case dropped(String)
    /// The pipeline goes on.
    case progressed
    /// The pipeline failed and is going to be retried.
    case retrying(String)
    /// The failed jobs were started again: the pipeline's `attempts`th attempt.
    case retried(attempts: Int)
    /// The pipeline waits for a person.
    case blocked
    case succeeded
    case failed(String)
    case canceled(String?)
    /// GitLab's `skipped`: no job of the pipeline ran.
    case skippedByGitLab
    /// The pipeline is not there any more.
    case vanished(String)
}

extension Run {
    /// The run after `event`; nil when the event has no meaning in the run's state. An answer that comes too late
    /// changes nothing.
    public func after(_ event: RunEvent, at now: Instant) -> Run? {
        guard let state = state.after(event) else { return nil }
        var run = self
        run.state = state
        run.reason = event.reason
        run.note(event, at: now)
        if !state.isOpen { run.finishedAt = now }
        return run
    }

    private mutating func note(_ event: RunEvent, at now: Instant) {
        switch event {
        case .sending(let kind):
            mark = kind
            sentAt = now
            notBefore = nil
        case .created(let created): begin(created, at: now)
        case .found(let found, let createdAt, let hasVariables):
            if hasVariables { mark = .variables }
            begin(found, at: min(max(createdAt ?? now, id.fireTime), now))
        case .postponed(_, let until):
            sentAt = nil
            notBefore = until
        case .provedAbsent: sentAt = nil
        case .retried(let count): attempts = max(attempts, count)
        default: break
        }
    }

    private mutating func begin(_ created: Pipeline, at instant: Instant) {
        pipeline = created
        triggeredAt = triggeredAt ?? instant
        attempts = max(attempts, 1)
    }
}

extension RunState {
    /// The table of `RunState`'s picture. nil: the event does not apply.
    public func after(_ event: RunEvent) -> RunState? {
        switch self {
        case .claimed: whenClaimed(event)
        case .uncertain: whenUncertain(event)
        case .triggered, .retrying, .blocked: whenTriggered(event)
        case .succeeded, .failed, .canceled, .skipped, .refused, .lost: nil
        }
    }

    private func whenClaimed(_ event: RunEvent) -> RunState? {
        switch event {
        case .sending, .postponed: .claimed
        case .created, .found: .triggered
        case .refused: .refused
        case .answerLost: .uncertain
        case .dropped: .skipped
        default: nil
        }
    }

    /// The answer to a POST counts even when it comes after the run became uncertain.
    private func whenUncertain(_ event: RunEvent) -> RunState? {
        switch event {
        case .created, .found: .triggered
        case .provedAbsent: .claimed
        case .unprovable: .lost
        case .answerLost: .uncertain
        default: nil
        }
    }

    private func whenTriggered(_ event: RunEvent) -> RunState? {
        switch event {
        case .progressed, .retried: .triggered
        case .found: self
        case .retrying: .retrying
        case .blocked: .blocked
        case .succeeded: .succeeded
        case .failed: .failed
        case .canceled: .canceled
        case .skippedByGitLab: .skipped
        case .vanished: .lost
        default: nil
        }
    }
}

extension RunEvent {
    /// The words kept with the state; nil where the state says it all.
    var reason: String? {
        switch self {
        case .refused(let words), .postponed(let words, _), .answerLost(let words), .unprovable(let words),
            .dropped(let words), .retrying(let words), .failed(let words), .vanished(let words):
            words
        case .canceled(let words): words
        case .blocked: "the pipeline waits for a person: it has manual jobs"
        case .skippedByGitLab: "pipeline skipped: GitLab ran none of its jobs"
        case .provedAbsent: "GitLab has no pipeline for it: the scheduler posts it again"
        case .sending, .created, .found, .progressed, .retried, .succeeded: nil
        }
    }
}
