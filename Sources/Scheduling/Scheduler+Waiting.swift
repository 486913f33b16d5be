import CivilTime

/// Why a claim waits, in words for `status`: written with the claim, so that they cost nothing.
extension Scheduler {
    func waitWords(_ id: RunID) -> String? {
        guard let openRun = open[id], openRun.run.state == .claimed, openRun.run.sentAt == nil else {
            return nil
        }
        if jobs.isHeld(id) {
            return "waits for an earlier run of the job"
        }
        let run = openRun.run
        if reconcilers[project(of: run)]?.contains(id) == true {
            return "looked up in GitLab first: another instance may have posted it"
        }
        guard mayPost else { return "waits until it is certain that no newer instance schedules" }
        return posts.waitWords(lane(of: run), at: now)
    }
}
