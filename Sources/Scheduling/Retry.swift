import CivilTime

/// What to do about a failed pipeline.
enum Retry: Hashable, Sendable {
    /// A CI job of it still runs, or runs again: look later. `attempts`: how often GitLab has run the pipeline by now.
    case wait(attempts: Int)
    /// Start these CI jobs again: it is the pipeline's `attempt`th attempt.
    case again(jobs: [Int64], attempt: Int)
    /// It stays failed, for this reason.
    case giveUp(String, attempts: Int)
    /// None of its CI jobs is failed now.
    case nothingFailed(attempts: Int)

    /// Decides from the CI jobs of the pipeline, retried ones included: GitLab's own count of attempts survives the
    /// loss of a ledger.
    ///
    /// - Parameter triggersRan: how often a trigger job that was started again may have run. GitLab does not list its
    ///   earlier attempts.
    static func decide(_ jobs: [CIJob], retries: Int, triggersRan: Int = 0) -> Retry {
        let byName = Dictionary(grouping: jobs, by: \.name)
        let attempts = byName.mapValues { named in
            named.contains { wasRestarted($0, among: jobs) } ? max(named.count, triggersRan) : named.count
        }
        let used = attempts.values.max() ?? 1
        // Of each name the newest counts.
        let latest = byName.values.compactMap { $0.max { $0.id < $1.id } }.sorted { $0.id < $1.id }
        if latest.contains(where: { $0.status == .open }) { return .wait(attempts: used) }
        let failed = latest.filter { $0.status == .failed && !$0.mayFail }
        let canceled = latest.filter { $0.status == .canceled && !$0.mayFail }
        let names = words(for: failed)
        guard !failed.isEmpty else { return .nothingFailed(attempts: used) }
        guard failed.allSatisfy({ attempts[$0.name, default: 1] <= retries }) else {
            return .giveUp("failed\(used == 1 ? "" : " \(used) times"): \(names)", attempts: used)
        }
        guard !failed.contains(where: { attempts[$0.name] == 1 && wasRestarted($0, among: jobs) }) else {
            let words = "failed, and GitLab does not tell how often its trigger jobs ran: \(names)"
            return .giveUp(words, attempts: used)
        }
        // A failed and a canceled job together make a failed pipeline.
        guard canceled.allSatisfy({ isGitLabs($0, after: failed) }) else {
            return .giveUp("failed, and a person canceled its other jobs: \(names)", attempts: used)
        }
        return .again(jobs: (failed + canceled).map(\.id).sorted(), attempt: used + 1)
    }

    /// `unit (stage test: script_failure), lint (stage test: script_failure) and 3 more`.
    private static func words(for failed: [CIJob]) -> String {
        let shown = failed.prefix(5).map { job in
            let parts = [job.stage.map { "stage \($0)" }, job.failureReason].compactMap(\.self)
            return parts.isEmpty ? job.name : "\(job.name) (\(parts.joined(separator: ": ")))"
        }
        let more = failed.count > shown.count ? " and \(failed.count - shown.count) more" : ""
        return shown.joined(separator: ", ") + more
    }

    /// Whether it is a trigger job with an earlier attempt, which GitLab does not list. A first attempt is as old as
    /// the pipeline.
    private static func wasRestarted(_ job: CIJob, among jobs: [CIJob]) -> Bool {
        guard job.isTrigger, let created = job.createdAt, let eldest = jobs.compactMap(\.createdAt).min()
        else {
            return false
        }
        return eldest.duration(to: created) > .seconds(5)
    }

    /// Whether GitLab canceled the job because another one failed (`workflow: auto_cancel: on_job_failure`), which it
    /// does within seconds. If a person canceled it, that decision stands.
    private static func isGitLabs(_ canceled: CIJob, after failed: [CIJob]) -> Bool {
        guard let end = canceled.finishedAt, let failure = failed.compactMap(\.finishedAt).min() else {
            return true
        }
        return failure.duration(to: end) <= .seconds(60)
    }
}
