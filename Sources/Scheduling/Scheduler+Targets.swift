import CivilTime

/// Checks the token, and that GitLab has the projects and refs of the jobs. So the log tells a mistake at once and not
/// at a fire time.
extension Scheduler {
    /// Asks GitLab for the projects and refs that the jobs need and that it has not confirmed yet.
    mutating func askForTargets() {
        guard settings.mode == .untilTold else { return }
        targets.need(Set(jobs.states.filter { $0.job.isEnabled }.map { target(of: $0.job) }))
        askAgainForTargets()
    }

    mutating func askAgainForTargets() {
        for target in targets.wanted {
            decision.requests.append(.verify(project: target.project, ref: target.ref))
        }
    }

    private func target(of job: Job) -> Lane.Key {
        Lane.Key(project: job.project ?? settings.project, ref: job.ref ?? settings.ref)
    }

    mutating func verified(project: String, ref: String, _ answer: Answer<Instant?>) {
        let target = Lane.Key(project: project, ref: ref)
        switch answer {
        case .success(let serverTime):
            hear(serverTime)
            _ = targets.judged(target, exists: true)
        case .failure(let trouble) where trouble.isPassing:
            complainOfClock()
            guard targets.isWanted(target) else { return }
            let wait = Backoff.outage(targets.failed(target), trouble, of: "\(project) \(ref)")
            set(.targets, after: wait)
        case .failure(let trouble):
            hear(nil)
            guard targets.judged(target, exists: false) else { return }
            let names = jobs.states.map(\.job).filter { self.target(of: $0) == target }.map(\.name).sorted()
            let more = names.count > 5 ? " and \(names.count - 5) more" : ""
            log(
                .error, "target",
                "GitLab will refuse pipelines on ref \(ref) of project \(project): \(trouble.words) (\(names.prefix(5).joined(separator: ", "))\(more))"
            )
        }
    }

    /// The token has expired, was revoked or is wrong. GitLab carried nothing out, and every request waits for a good
    /// token.
    mutating func heed(_ trouble: Trouble) {
        guard case .unauthorized(let words) = trouble else { return }
        guard settings.mode == .untilTold else {
            return finish(1, "GitLab does not take the token: \(words)")
        }
        guard complaints.mayTell(.token, at: now) else { return }
        log(.error, "token", "\(Self.tokenWords): \(words)")
    }
}
