import CivilTime
public import GitLab
import JobFiles
import Scheduling

/// The scheduler's own CI job, and who starts the next one.
extension Facts {
    func ownJobChecks(_ site: SiteFacts) -> [Check] {
        guard let own = schedulerJob(site) else { return [] }
        var found = jobChecks(own, site)
        if let check = successorCheck(own, site) { found.append(check) }
        return found
    }

    /// The scheduler's job. `doctor` may run in a job of its own, of which nothing is asked. The scheduler is
    /// then in the job that has its name in scheduler-ci.yml, and when that one ends is not known here.
    private func schedulerJob(_ site: SiteFacts) -> OwnJob? {
        let usual = "orchestrate"
        let facts = site.refs.first { $0.project == project && $0.ref == ref }
        let file = CIFile((try? facts?.lint?.get())?.mergedYAML)
        guard var job = own, job.name != usual, file?.job(usual) != nil else { return own }
        job.name = usual
        job.timeout = nil
        return job
    }

    private func successorCheck(_ own: OwnJob, _ site: SiteFacts) -> Check? {
        guard !own.startsSuccessor else {
            return .ok(.successor, own.name, "ORCHESTRATE_SUCCESSION_SECONDS starts the next scheduler")
        }
        guard let facts = project.flatMap(site.project), let schedules = facts.schedules else { return nil }
        guard case .success(let rows) = schedules else {
            let who = "a Reporter or higher role sees them in Build > Pipeline schedules"
            return schedules.failure.map { .unseen(.successor, own.name, $0, who: who) }
        }
        let ours = onOwnRef(rows)
        let fix =
            "Build > Pipeline schedules: one for \(ref ?? "this ref"), by an active user, more often than \(own.timeout?.rough ?? "the timeout")"
        guard !ours.isEmpty else {
            return .failure(
                .successor, own.name,
                "no pipeline schedule on \(ref ?? "this ref") starts the next scheduler", fix: fix)
        }
        let living = ours.filter { ($0.row.ownerState ?? "active") == "active" }
        guard !living.isEmpty else {
            return .failure(
                .successor, own.name,
                "the owner of “\(ours.first?.row.description ?? "")” is \(ours.first?.row.ownerState ?? "gone"): it never runs",
                fix: "Build > Pipeline schedules: take ownership of it")
        }
        let wantsStart = wantsStart(own, site)
        let starting = wantsStart ? living.filter { $0.row.saysStart != false } : living
        guard !starting.isEmpty else {
            return .failure(
                .successor, own.name,
                "the job \(own.name) asks for ORCHESTRATE_START, and “\(living.first?.row.description ?? "")” does not set it: it starts no scheduler",
                fix: "Build > Pipeline schedules: add the variable ORCHESTRATE_START with the value true")
        }
        return intervalCheck(starting, own, wantsStart: wantsStart, fix: fix)
    }

    private func intervalCheck(
        _ schedules: [PipelineSchedule], _ own: OwnJob, wantsStart: Bool, fix: String
    ) -> Check {
        guard let gap = schedules.compactMap({ longestGap($0) }).min() else {
            return .unknown(
                .successor, own.name,
                "orchestrate does not understand its times: see Build > Pipeline schedules")
        }
        // In the last five minutes the scheduler begins nothing new.
        if let timeout = own.timeout, gap >= timeout - min(.seconds(300), timeout / 10) {
            return .warning(
                .successor, own.name,
                "the next scheduler starts up to \(gap.rough) later, and this one ends after \(timeout.rough)",
                fix: fix)
        }
        guard !wantsStart || schedules.contains(where: { $0.row.saysStart == true }) else {
            return .unknown(
                .successor, own.name,
                "only its owner and Maintainers see whether “\(schedules.first?.row.description ?? "")” sets ORCHESTRATE_START: ask one of them"
            )
        }
        return .ok(
            .successor, own.name, "a pipeline schedule starts the next scheduler at least every \(gap.rough)")
    }

    private func onOwnRef(_ rows: [PipelineSchedule]) -> [PipelineSchedule] {
        rows.filter { isOnOwnRef($0.row) }
    }

    public func isOnOwnRef(_ row: ScheduleRow) -> Bool {
        row.isActive != false && row.ref?.withoutKind == ref?.withoutKind
    }

    /// Whether a schedule starts this job only with the variable ORCHESTRATE_START.
    private func wantsStart(_ own: OwnJob, _ site: SiteFacts) -> Bool {
        let facts = site.refs.first { $0.project == project && $0.ref == ref }
        guard let file = CIFile((try? facts?.lint?.get())?.mergedYAML), let job = file.job(own.name) else {
            return false
        }
        return file.wantsStart(job)
    }

    private func longestGap(_ schedule: PipelineSchedule) -> Duration? {
        let times = schedule.times?.coming(60, after: now) ?? []
        return zip(times, times.dropFirst()).map { $0.duration(to: $1) }.max()
    }

    /// The only schedule on the own ref, often enough, is there to start the next scheduler.
    func isSuccessor(_ schedule: PipelineSchedule, among rows: [PipelineSchedule], _ facts: ProjectFacts)
        -> Bool
    {
        guard let own, facts.name == project, schedule.row.ref?.withoutKind == ref?.withoutKind,
            onOwnRef(rows).count == 1, let gap = longestGap(schedule)
        else { return false }
        return own.timeout.map { gap < $0 } ?? true
    }

    private func jobChecks(_ own: OwnJob, _ site: SiteFacts) -> [Check] {
        guard let facts = site.refs.first(where: { $0.project == project && $0.ref == ref }),
            let lint = facts.lint
        else { return [] }
        if let failure = lint.failure {
            return [
                .unseen(
                    .schedulerJob, own.name, failure,
                    who: "a Developer sees the file in Build > Pipeline editor")
            ]
        }
        guard let row = try? lint.get(), row.isValid else {
            return [.skipped(.schedulerJob, own.name, "not judged: see ci.file")]
        }
        guard let file = CIFile(row.mergedYAML), let job = file.job(own.name) else {
            return [
                .unknown(
                    .schedulerJob, own.name,
                    "the CI file as it is now has no job of this name: compare it with scheduler-ci.yml in Build > Pipeline editor"
                )
            ]
        }
        let found = problems(of: job, file, own) + groupProblem(facts, own)
        return found.isEmpty
            ? [.ok(.schedulerJob, own.name, "interruptible, cache, timeout and resource group are right")]
            : found
    }

    private func problems(of job: YAMLValue, _ file: CIFile, _ own: OwnJob) -> [Check] {
        func warning(_ words: String, _ line: String) -> Check {
            .warning(
                .schedulerJob, own.name, words, fix: "write `\(line)` in the job \(own.name) of the CI file")
        }
        var found: [Check] = []
        if file.setting("interruptible", of: job)?.text == "true" {
            found.append(warning("it is interruptible: a push cancels the scheduler", "interruptible: false"))
        }
        if file.setting("retry", of: job) == nil {
            found.append(
                warning(
                    "it has no retry: after a failure of the runner's machine nothing is scheduled until the next pipeline schedule",
                    "retry: {max: 2, when: [runner_system_failure, stuck_or_timeout_failure, scheduler_failure, api_failure, unknown_failure]}"
                ))
        }
        found += cacheProblems(file.setting("cache", of: job)?.items ?? [], own).map { warning($0, $1) }
        if file.setting("timeout", of: job) == nil, (own.timeout ?? .zero) <= .seconds(3_600) {
            found.append(
                warning(
                    "it has no timeout: GitLab ends it after the project's default, an hour", "timeout: 24h"))
        }
        return found
    }

    private func cacheProblems(_ caches: [YAMLValue], _ own: OwnJob) -> [(String, String)] {
        let ledger = own.ledger ?? local.ledgerPath
        guard !ledger.hasPrefix("/") || own.ledger == nil else {
            return [
                (
                    "the ledger \(ledger) lies outside the project, where no cache keeps it",
                    "variables: {ORCHESTRATE_DB: .orchestrate/orchestrate.db}"
                )
            ]
        }
        guard let cache = caches.first(where: { Self.keeps(own.ledger, $0) }) else {
            let path = ledger.lastIndex(of: "/").map { String(ledger[...$0]) } ?? ledger
            return [
                (
                    "no cache keeps the ledger \(ledger)",
                    "cache: {key: ledger, paths: [\(path)], when: always}"
                )
            ]
        }
        var found: [(String, String)] = []
        if cache["when"]?.text != "always" {
            let words = "GitLab does not store its cache after a failure: the next ledger is old"
            found.append((words, "when: always"))
        }
        if let policy = cache["policy"]?.text, policy == "pull" || policy == "push" {
            found.append(("its cache is only \(policy == "pull" ? "read" : "written")", "policy: pull-push"))
        }
        return found
    }

    /// Whether the file, or a directory above it, is among the paths of a cache.
    private static func keeps(_ ledger: String?, _ cache: YAMLValue) -> Bool {
        let paths = cache["paths"]?.items.compactMap(\.text) ?? []
        guard let ledger else { return !paths.isEmpty }
        return paths.contains { path in
            var path = path[...]
            while path.hasPrefix("./") { path = path.dropFirst(2) }
            while path.hasSuffix("/") { path = path.dropLast() }
            return path.contains { "$*".contains($0) } || ledger == path || ledger.hasPrefix(path + "/")
        }
    }

    private func groupProblem(_ facts: RefFacts, _ own: OwnJob) -> [Check] {
        guard case .success(let mode)? = facts.processMode, mode.hasPrefix("newest") else { return [] }
        return [
            .warning(
                .schedulerJob, own.name,
                "its resource group is \(mode): an older scheduler may start after a newer one",
                fix: "curl -X PUT -H \"PRIVATE-TOKEN: $CI_PIPELINE_TOKEN\" -d process_mode=unordered "
                    + "$CI_API_V4_URL/projects/$CI_PROJECT_ID/resource_groups/KEY, with the group's name for KEY"
            )
        ]
    }
}

extension Facts {
    /// The resource group of the own CI job as the file names it; nil: none.
    public static func resourceGroup(of job: String, in mergedYAML: String?) -> String? {
        guard let file = CIFile(mergedYAML), let own = file.job(job) else { return nil }
        let group = own["resource_group"]
        return group?.text ?? group?["key"]?.text
    }
}
