import CivilTime

/// The end of the own CI job. A job that GitLab ends at its timeout uploads no cache, so this instance ends before the
/// timeout. Where `Settings.Deadline.succession` is set, it starts its successor itself.
///
/// GitLab retries no job that is still running, so the successor is the CI job of a new pipeline.
extension Scheduler {
    mutating func mindTheDeadline() {
        guard let deadline = settings.deadline, settings.mode == .untilTold else { return }
        guard deadline.end > now else {
            let words =
                "CI_JOB_STARTED_AT and CI_JOB_TIMEOUT say that this CI job is over: the scheduler ignores them, and does "
                + "not end before the timeout"
            return log(.warning, "deadline", words)
        }
        if deadline.isShort { log(.warning, "timeout", shortTimeoutWords(deadline)) }
        timers.set(.deadline, at: max(now, deadline.end.advanced(by: .zero - deadline.reserve)))
        guard settings.instance != nil, let lead = deadline.succession else { return }
        timers.set(.succession, at: max(now, deadline.end.advanced(by: .zero - lead)))
    }

    private func shortTimeoutWords(_ deadline: Settings.Deadline) -> String {
        let length = deadline.length.rough
        let next =
            deadline.succession.map { "this one starts the next scheduler \($0.rough) before" }
            ?? "a pipeline schedule must start the next scheduler more often than that, or fire times wait for it"
        return
            "this CI job may last \(length), then GitLab ends it: \(next). GitLab.com's hosted runners end each job "
            + "after 3 h, whatever `timeout` says"
    }

    mutating func startSuccessor() {
        guard let instance = settings.instance, phase == .scheduling, lease.standing == .newest else {
            return
        }
        if marking.successorRefusal == nil {
            marking.successorKind = marking.kind(in: settings.project, at: now)
        }
        decision.requests.append(
            .startSuccessor(
                project: settings.project, ref: settings.ref, of: instance, mark: marking.successorKind))
        lifecycle.sent(acts: 1)
    }

    mutating func successorStarted(_ answer: Answer<Pipeline>) {
        lifecycle.actAnswered()
        if case .failure(.markRefused(let words)) = answer, triesOtherMark(for: words) {
            return startSuccessor()
        }
        let refusal =
            marking.successorRefusal.map { "\($0) And as \(marking.successorKind.rawValue): " } ?? ""
        marking.successorRefusal = nil
        switch answer {
        case .success(let pipeline):
            lifecycle.startedSuccessor()
            let words = "the scheduler created pipeline \(pipeline.id) for the next instance: \(pipeline.url)"
            log(.info, "successor", words)
        case .failure(let trouble):
            // Where the answer was lost, GitLab may have created the pipeline. Then the successor shows before the
            // scheduler asks for another one.
            let wait = max(
                Backoff.outage(lifecycle.successionFailed(), trouble, of: "succession"),
                trouble.isPassing ? .zero : .seconds(300))
            let words =
                "the scheduler could not start the next instance, next try in \(wait.rough): \(refusal)\(trouble.words)"
            log(trouble.isPassing ? .warning : .error, "successor", words)
            if case .uncertain = trouble { return set(.succession, after: max(wait, settings.settle)) }
            set(.succession, after: wait)
        }
    }

    mutating func deadlineIsNear() {
        guard let deadline = settings.deadline, !lifecycle.isEnding else { return }
        lifecycle.reachedDeadline()
        timers.set(.end, at: deadline.lastMoment)
        guard phase != .draining else { return }
        let going = open.values.count { $0.run.isGoing }
        let next =
            lease.standing == .newest
            ? "; no newer instance runs yet, and fire times wait for the next one" : ""
        log(
            lease.standing == .newest ? .warning : .info, "deadline",
            "this CI job ends at \(deadline.end.rfc3339): the scheduler begins no new runs, and watches the open ones "
                + "(\(going)) until " + deadline.lastMoment.rfc3339 + next)
        lifecycle.enter(.draining)
        guard lease.standing == .newest, !lifecycle.hasSuccessor else { return }
        tell(.noSuccessor, Self.nobodyWords, subject: "no_successor@\(deadline.end.rfc3339)")
    }
}
