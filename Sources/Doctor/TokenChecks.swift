import CivilTime
import GitLab
import Scheduling

extension Facts {
    private static let newToken =
        "create a token with the scope api and the role Developer (Settings > Access tokens), and put it into "
        + "CI_PIPELINE_TOKEN"

    func tokenChecks(_ site: SiteFacts) -> [Check] {
        guard let token = site.token else { return [] }
        switch token {
        case .success(let row): return [tokenCheck(row, site), scopeCheck(row), expiryCheck(row)]
        case .failure(let failure) where failure.status == 401:
            let kind = site.wrongKind.map { "it is \($0), not an access token: " } ?? ""
            return [
                .failure(
                    .token, nil, "GitLab does not take the token: \(kind)\(failure.message)",
                    fix: Self.newToken)
            ]
        case .failure(let failure):
            let who = "its owner sees it in GitLab: Settings > Access tokens"
            return [.token, .tokenScope, .tokenExpiry].map { .unseen($0, nil, failure, who: who) }
        }
    }

    private func tokenCheck(_ row: TokenRow, _ site: SiteFacts) -> Check {
        let user = try? site.user?.get()
        if row.isRevoked == true || row.isActive == false {
            return .failure(.token, nil, "the token was revoked or has expired", fix: Self.newToken)
        }
        if let state = user?.state, state != "active" {
            return .failure(
                .token, nil, "the token's user \(user?.username ?? "") is \(state)",
                fix:
                    "ask an administrator to unblock the user, or use another user's token in CI_PIPELINE_TOKEN"
            )
        }
        guard row.isActive != nil || row.isRevoked != nil else {
            return .unknown(
                .token, nil, "GitLab does not tell whether it is active: its owner sees it (Access tokens)")
        }
        let name = row.name.map { "“\($0)”" } ?? "the token"
        let owner = user?.username.map { " of \($0)" } ?? ""
        return .ok(
            .token, nil,
            "\(name)\(owner) is active" + (user?.isBot == false ? "; it ends with that person's account" : "")
        )
    }

    private func scopeCheck(_ row: TokenRow) -> Check {
        if row.isGranular == true {
            return .unknown(
                .tokenScope, nil,
                "a fine-grained token: its owner sees whether it may create, read and update pipelines and jobs"
            )
        }
        guard let scopes = row.scopes else {
            return .unknown(
                .tokenScope, nil, "GitLab does not tell: the token's owner sees it (Access tokens)")
        }
        guard scopes.contains("api") else {
            return .failure(
                .tokenScope, nil,
                "the token has \(scopes.isEmpty ? "no scope" : scopes.joined(separator: ", ")), and needs api",
                fix: Self.newToken)
        }
        return .ok(.tokenScope, nil, "api")
    }

    private func expiryCheck(_ row: TokenRow) -> Check {
        let fix =
            "rotate the token (Settings > Access tokens), put the new one into CI_PIPELINE_TOKEN, and restart the "
            + "scheduler (in CI: start a new pipeline)"
        return endCheck(
            .tokenExpiry, nil, row.expiresAt, of: "the token", fix: fix,
            who: "its owner sees it (Access tokens)")
    }

    /// What expires on a date: failure under 7 days, warning under 30.
    func endCheck(
        _ id: CheckID, _ target: String?, _ date: EndDate, of what: String, fix: String, who: String
    ) -> Check {
        guard let date else {
            return .unknown(id, target, "GitLab does not tell when \(what) expires: \(who)")
        }
        guard let date else { return .ok(id, target, "\(what) does not expire") }
        guard let end = Instant(rfc3339: date.prefix(10) + "T00:00:00Z") else {
            return .unknown(
                id, target, "orchestrate does not understand its expiry date “\(date)”: \(who)")
        }
        let left = now.duration(to: end)
        let days = left.components.seconds / 86_400
        guard left > .zero else {
            return .failure(id, target, "\(what) expired at \(end.rfc3339)", fix: fix)
        }
        let words =
            "\(what) expires at \(end.rfc3339), in \(counted(Int(days), "day"))\(coverage(until: end))"
        if left < .seconds(7 * 86_400) { return .failure(id, target, words, fix: fix) }
        if left < .seconds(30 * 86_400) { return .warning(id, target, words, fix: fix) }
        return .ok(id, target, words)
    }

    /// The last fire time that something covers which ends at `end`.
    private func coverage(until end: Instant) -> String {
        let last = jobs.filter(\.isEnabled).compactMap { job -> RunID? in
            guard let time = job.schedule.previous(before: end), time > now else { return nil }
            return RunID(job: job.name, fireTime: time)
        }.max()
        guard let last else { return "; no fire time comes before" }
        return "; the last run before is \(last)"
    }
}
