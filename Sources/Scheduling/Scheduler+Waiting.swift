import Cron

/// Why a claim waits, in words for `status`: written with the claim, so that they cost nothing.
extension Scheduler {
    func waitWords(_ id: RunID) -> String? {
        guard let openRun = open[id], openRun.run.state == .claimed, openRun.run.sentAt == nil else {
            return nil
        }
        if let index = jobIndex[id.job], jobs[index].held.contains(id) {
            return "waits for an earlier run of the job"
        }
        let run = openRun.run
        if doubts[project(of: run)]?.runs[id] != nil {
            return "looked up in GitLab first: another instance may have posted it"
        }
        guard mayPost else { return "waits until it is certain that no newer instance schedules" }
        return lanes[lane(of: run)]?.waitWords(perMinute: settings.ratePerMinute, at: now)
    }
}

extension Lane {
    fileprivate func waitWords(perMinute: Int, at now: Instant) -> String? {
        if let pausedUntil, pausedUntil > now { return "waits until \(pausedUntil.rfc3339), as GitLab asked" }
        if failures > 0 { return "waits for GitLab, which did not answer" }
        guard !waiting.isEmpty else { return nil }
        return "waits for the rate limit of \(perMinute) pipelines a minute"
    }
}
