import GitLab

extension Facts {
    func projectChecks(_ site: SiteFacts) -> [Check] {
        site.projects.flatMap { facts -> [Check] in
            switch facts.row {
            case .success(let row):
                return [
                    .ok(.project, facts.name, row.path ?? "it is there"), archivedCheck(facts, row),
                    pipelinesCheck(facts, row), cleanupCheck(facts, row),
                ] + roleChecks(facts, site)
            case .failure(let failure) where failure.isAbsentProject:
                return [
                    .failure(
                        .project, facts.name,
                        "GitLab has no such project, or the token's user is no member of it",
                        fix:
                            "correct \(isDefault(facts) ? "CI_PROJECT_ID" : "`project` in the job file"), or add the "
                            + "token's user to the project (Manage > Members)")
                ]
            case .failure(let failure):
                return [.unseen(.project, facts.name, failure, who: "a member sees it in GitLab")]
            }
        }
    }

    private func isDefault(_ facts: ProjectFacts) -> Bool { facts.name == project }

    private func archivedCheck(_ facts: ProjectFacts, _ row: ProjectRow) -> Check {
        switch row.isArchived {
        case true?:
            .failure(
                .archived, facts.name, "the project is archived: no pipeline can be created",
                fix: "Settings > General > Advanced > Unarchive project, or remove its jobs")
        case false?: .ok(.archived, facts.name, "it is not archived")
        case nil:
            .unknown(.archived, facts.name, "GitLab does not tell: a member sees it on the project's page")
        }
    }

    private func pipelinesCheck(_ facts: ProjectFacts, _ row: ProjectRow) -> Check {
        switch row.hasPipelines {
        case false?:
            .failure(
                .pipelines, facts.name, "CI/CD is switched off in this project",
                fix: "Settings > General > Visibility, project features, permissions > CI/CD: switch it on")
        case true?: .ok(.pipelines, facts.name, "CI/CD is on")
        case nil:
            .unknown(
                .pipelines, facts.name, "GitLab does not tell: a Maintainer sees it in Settings > General")
        }
    }

    /// A lost ledger is rebuilt from the pipelines of eight days.
    private func cleanupCheck(_ facts: ProjectFacts, _ row: ProjectRow) -> Check {
        guard let after = row.deletesPipelinesAfter else {
            return .unknown(
                .cleanup, facts.name,
                "shown to Maintainers only: ask one to look at Settings > CI/CD > General pipelines > Automatic pipeline cleanup"
            )
        }
        guard let after else { return .ok(.cleanup, facts.name, "GitLab keeps old pipelines") }
        let words = "GitLab deletes pipelines after \(Duration.seconds(after).rough)"
        guard after < 8 * 86_400 else { return .ok(.cleanup, facts.name, words) }
        return .warning(
            .cleanup, facts.name, "\(words); to rebuild a lost ledger the scheduler needs those of 8 days",
            fix: "Settings > CI/CD > General pipelines > Automatic pipeline cleanup: 8 days or more")
    }

    private func roleChecks(_ facts: ProjectFacts, _ site: SiteFacts) -> [Check] {
        let who = "a member sees it in Manage > Members"
        switch facts.member {
        case .success(let row)?:
            return [
                membershipCheck(facts, row),
                endCheck(
                    .roleExpiry, facts.name, row.expiresAt, of: "the membership",
                    fix: "Manage > Members: give the token's user a later expiration date", who: who),
            ]
        case .failure(let failure)? where failure.isAbsentMember && facts.level == nil:
            if (try? site.user?.get())?.isAdministrator == true {
                return [
                    .ok(.role, facts.name, "an administrator"),
                    .ok(.roleExpiry, facts.name, "an administrator's role does not expire"),
                ]
            }
            return [
                .failure(
                    .role, facts.name, "the token's user is no member of the project",
                    fix: "Manage > Members: add the user as Developer (Maintainer for protected branches)")
            ]
        case .failure(let failure)?:
            let role = facts.level.map { levelCheck(facts, $0) }
            return [
                role ?? .unseen(.role, facts.name, failure, who: who),
                .unseen(.roleExpiry, facts.name, failure, who: who),
            ]
        case nil:
            let role = facts.level.map { levelCheck(facts, $0) }
            let words = "GitLab does not tell the token's user: \(who)"
            return [role ?? .unknown(.role, facts.name, words), .unknown(.roleExpiry, facts.name, words)]
        }
    }

    private func membershipCheck(_ facts: ProjectFacts, _ row: MemberRow) -> Check {
        for state in [row.state, row.membershipState].compactMap(\.self) where state != "active" {
            return .failure(
                .role, facts.name, "the membership of the token's user is \(state)",
                fix: "Manage > Members: activate the user, or put another user's token into CI_PIPELINE_TOKEN"
            )
        }
        guard let level = facts.level else {
            return .unknown(
                .role, facts.name, "GitLab does not tell the role: a member sees it in Manage > Members")
        }
        return levelCheck(facts, level)
    }

    private func levelCheck(_ facts: ProjectFacts, _ level: Int64) -> Check {
        guard level >= 30 else {
            return .failure(
                .role, facts.name,
                "the token's user has the role \(roleName(level)); to create pipelines it needs Developer",
                fix: "Manage > Members: make the user Developer (Maintainer for protected branches)")
        }
        return .ok(.role, facts.name, roleName(level))
    }
}

extension APIFailure {
    fileprivate var isAbsentMember: Bool {
        guard kind == .notFound else { return false }
        return ["404 not found", "404 member not found", "404 user not found"].contains(message.lowercased())
    }
}
