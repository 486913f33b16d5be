extension Facts {
    var localChecks: [Check] {
        environmentChecks + jobFileChecks + [ledgerCheck, zoneCheck] + notifyChecks + rateChecks
    }

    private var environmentChecks: [Check] {
        let found =
            local.environment.problems.map { problem in
                let name = problem.prefix { $0.isUppercase || $0.isNumber || $0 == "_" }
                return Check.failure(
                    .env, nil, problem,
                    fix:
                        "export \(name)=…; in CI: Settings > CI/CD > Variables (`orchestrate env` explains it)"
                )
            }
            + local.environment.warnings.map {
                Check.warning(.env, nil, $0, fix: "write https:// in CI_API_V4_URL")
            }
        return found.isEmpty ? [.ok(.env, nil, "all that `run` needs is set")] : found
    }

    private var jobFileChecks: [Check] {
        let place = local.jobsDirectory
        let problems = local.jobProblems.map { problem in
            Check.failure(
                .jobFiles, problem.place, problem.message,
                fix: problem.hint ?? "correct the file; `orchestrate check` shows the line")
        }
        guard problems.isEmpty else { return problems }
        guard local.zoneProblems.isEmpty else {
            return [.skipped(.jobFiles, place, "orchestrate cannot read all of them: see time-zones")]
        }
        guard !jobs.isEmpty else {
            return [
                .warning(
                    .jobFiles, place, "there is no job",
                    fix: "write a job file there (docs/job-files.md), or name its directory with --jobs")
            ]
        }
        return [.ok(.jobFiles, place, "\(counted(jobs.count, "job")), no problems")]
    }

    private var ledgerCheck: Check {
        let path = local.ledgerPath
        switch local.ledger {
        case .absent: return .ok(.ledger, path, "there is none yet; `orchestrate run` creates it")
        case .good(let holder):
            return .ok(
                .ledger, path, "whole" + (holder.map { "; in use by \($0)" } ?? "; no scheduler uses it"))
        case .older: return .ok(.ledger, path, "of an older version; `orchestrate run` brings it up to date")
        case .bad(let words, let hint): return .failure(.ledger, path, words, fix: hint)
        case .cramped(let words, let hint): return .failure(.ledger, path, words, fix: hint)
        }
    }

    private var zoneCheck: Check {
        if let problem = local.zoneProblems.first {
            return .failure(
                .timeZones, nil, problem, fix: "apt-get install tzdata, or set TZDIR to its directory")
        }
        guard let database = local.zoneDatabase else {
            return .warning(
                .timeZones, nil, "there is no tz database: only UTC is known",
                fix: "apt-get install tzdata, or set TZDIR to its directory")
        }
        let named = local.zones.sorted().prefix(5).joined(separator: ", ")
        let used = named.isEmpty ? "" : "; jobs use \(named)\(local.zones.count > 5 ? ", …" : "")"
        return .ok(.timeZones, nil, "the tz database is in \(database)\(used)")
    }

    private var notifyChecks: [Check] {
        guard !local.channels.isEmpty else { return [.ok(.notify, nil, "no channel is named")] }
        return local.channels.map { channel in
            guard let problem = channel.problem else {
                return .ok(.notify, channel.name, "is set and well-formed; nothing was sent")
            }
            let name = channel.name.isEmpty ? nil : channel.name
            let example = "<service>+<url>, such as slack+https://…"
            return .failure(
                .notify, name, problem,
                fix: name.map {
                    "set ORCHESTRATE_NOTIFY_\($0.uppercased()) to \(example); then `orchestrate notify \($0)`"
                }
                    ?? "correct the variable: `orchestrate env` explains it")
        }
    }

    /// Too many at once, for this GitLab or for the own limit.
    private var rateChecks: [Check] {
        var found = local.herds.map { herd in
            let others = herd.jobs.count - 1
            let company = others > 0 ? " and \(counted(others, "other job"))" : ""
            return Check.warning(
                .rate, "\(herd.project ?? project ?? "")@\(herd.ref ?? ref ?? "")",
                "\(counted(herd.waiting, "run")) of \(herd.jobs.first ?? "")\(company) wait at \(herd.minute.rfc3339), "
                    + "and GitLab takes \(counted(local.ratePerMinute, "pipeline")) a minute",
                fix:
                    "give some of these jobs a `jitter`, or set ORCHESTRATE_RATE_PER_MINUTE to what your GitLab takes"
            )
        }
        if let limit = site?.requestLimit, limit < local.requestsPerMinute {
            found.append(
                .warning(
                    .rate, site?.url,
                    "GitLab takes \(limit) requests a minute, and the scheduler may need \(local.requestsPerMinute)",
                    fix: "set ORCHESTRATE_WATCH_SECONDS and ORCHESTRATE_POLL_SECONDS to larger numbers"))
        }
        let words =
            local.ratePerMinute == 0
            ? "no limit is set" : "never more than \(local.ratePerMinute) runs of one ref in a minute"
        return found.isEmpty ? [.ok(.rate, nil, words)] : found
    }
}

/// `1 job`, `2 jobs`.
func counted(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
