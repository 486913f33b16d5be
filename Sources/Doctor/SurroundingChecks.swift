import CivilTime
import Cron
import GitLab
import Scheduling

/// What runs, forbids or repeats pipelines beside the scheduler.
extension Facts {
    func surroundings(_ site: SiteFacts) -> [Check] {
        site.projects.flatMap { facts -> [Check] in
            [runnerCheck(facts, site)].compactMap(\.self) + doubleChecks(facts) + freezeChecks(facts)
        }
    }

    private func runnerCheck(_ facts: ProjectFacts, _ site: SiteFacts) -> Check? {
        guard let runners = facts.runners else { return nil }
        switch runners {
        case .failure(let failure):
            let last = newestPipeline(of: facts).map {
                "a pipeline was created \($0.duration(to: now).rough) ago; "
            }
            return .unseen(
                .runners, facts.name, failure,
                who: "\(last ?? "")ask a Maintainer to look at Settings > CI/CD > Runners")
        case .success(let rows):
            let ready = rows.filter { !$0.isPaused && $0.isOnline }
            guard !ready.isEmpty else {
                return .failure(
                    .runners, facts.name,
                    "\(rows.isEmpty ? "no runner is online" : "every runner that is online is paused"): pipelines would wait",
                    fix: "start a runner for this project, or resume one: Settings > CI/CD > Runners")
            }
            return unfit(ready, facts, site)
                ?? .ok(.runners, facts.name, "\(counted(ready.count, "runner")) online")
        }
    }

    /// A CI job that none of the runners takes.
    private func unfit(_ runners: [RunnerRow], _ facts: ProjectFacts, _ site: SiteFacts) -> Check? {
        for lint in site.lints where lint.project == facts.name {
            let file = site.refs.first { $0.target == lint.target }.flatMap(file)
            let jobs = (try? lint.answer.get())?.jobs ?? []
            // A CI job that starts another pipeline needs no runner.
            let job = jobs.first { job in
                file?.job(job.name)?["trigger"] == nil && !runners.contains { $0.takes(job) }
            }
            guard let job else { continue }
            let tags = job.tags.isEmpty ? "no tag" : "the tags \(job.tags.joined(separator: ", "))"
            return .failure(
                .runners, facts.name,
                "no runner that is online takes the CI job \(job.name) of \(lint.job), with \(tags)",
                fix: "give a runner these tags, or change `tags` of \(job.name) in the CI file")
        }
        return nil
    }

    private func doubleChecks(_ facts: ProjectFacts) -> [Check] {
        guard let schedules = facts.schedules else { return [] }
        guard case .success(let rows) = schedules else {
            let who = "a Reporter or higher role sees them in Build > Pipeline schedules"
            return schedules.failure.map { [.unseen(.doubled, facts.name, $0, who: who)] } ?? []
        }
        let found = rows.compactMap { row -> Check? in
            guard row.row.isActive != false, !isSuccessor(row, among: rows, facts),
                let job = twin(of: row, facts)
            else { return nil }
            let name = row.row.description ?? ""
            return .warning(
                .doubled, facts.name,
                "the pipeline schedule \(row.row.id) “\(name)” fires at the same times as the job \(job)",
                fix: "Build > Pipeline schedules: deactivate “\(name)”, or remove the job \(job)")
        }
        return found.isEmpty ? [.ok(.doubled, facts.name, "no pipeline schedule repeats a job")] : found
    }

    /// A job with the same fire times on the same ref.
    private func twin(of schedule: PipelineSchedule, _ facts: ProjectFacts) -> String? {
        guard let times = schedule.times?.coming(20, after: now), !times.isEmpty else { return nil }
        return jobs(in: facts.name).first { job in
            (job.ref ?? ref)?.withoutKind == schedule.row.ref?.withoutKind
                && job.schedule.coming(20, after: now) == times
        }?.name
    }

    private func freezeChecks(_ facts: ProjectFacts) -> [Check] {
        switch facts.freezes {
        case .success(let periods)?: return [freezeCheck(periods, facts.name)]
        case .failure(let failure)?:
            let who = "a Reporter or higher role sees them in \(Self.freezeSetting)"
            return [.unseen(.freeze, facts.name, failure, who: who)]
        case nil: return []
        }
    }

    private static let freezeSetting = "Settings > CI/CD > Deploy freezes"

    private func freezeCheck(_ periods: [FreezePeriod], _ project: String) -> Check {
        let starts = periods.compactMap { $0.begins(within: .seconds(86_400), of: now) }
        if let start = starts.min() {
            return .warning(
                .freeze, project,
                "a deploy freeze \(start <= now ? "began" : "begins") at \(start.rfc3339); GitLab still creates "
                    + "pipelines, with CI_DEPLOY_FREEZE set in them",
                fix: "give CI jobs that deploy the rule `if: $CI_DEPLOY_FREEZE == null`, or move the freeze: "
                    + Self.freezeSetting)
        }
        let strange = periods.count { $0.start == nil || $0.end == nil }
        guard strange == 0 else {
            return .unknown(
                .freeze, project,
                "orchestrate does not understand \(counted(strange, "period")): look at \(Self.freezeSetting)"
            )
        }
        return .ok(.freeze, project, "none now or in the next 24 h")
    }
}

extension RunnerRow {
    /// It may take all where GitLab does not tell its tags, and where the job's are variables.
    fileprivate func takes(_ job: LintRow.Job) -> Bool {
        guard let tags, !job.tags.contains(where: { $0.contains("$") }) else { return true }
        return job.tags.isEmpty ? runsUntagged != false : Set(job.tags).isSubset(of: tags)
    }
}

extension FreezePeriod {
    /// When the period begins that is on now or begins soon.
    fileprivate func begins(within soon: Duration, of now: Instant) -> Instant? {
        guard let start, let end else { return nil }
        let next = now.advanced(by: .microseconds(1))
        if let last = start.previous(before: next), last > end.previous(before: next) ?? .distantPast {
            return last
        }
        return start.next(after: now).flatMap { $0 <= now.advanced(by: soon) ? $0 : nil }
    }
}

extension Schedule {
    /// The next fire times.
    func coming(_ count: Int, after now: Instant) -> [Instant] {
        Array(sequence(first: now) { next(after: $0) }.dropFirst().prefix(count))
    }
}

extension String {
    /// `main` for `refs/heads/main`.
    var withoutKind: Substring {
        for kind in ["refs/heads/", "refs/tags/"] where hasPrefix(kind) { return dropFirst(kind.count) }
        return self[...]
    }
}
