import GitLab

extension Facts {
    func refChecks(_ site: SiteFacts) -> [Check] {
        site.refs.flatMap { facts -> [Check] in
            switch facts.row {
            case .success(let row):
                return [
                    .ok(.ref, facts.target, row.isTag ? "a tag" : "a branch"),
                    protectionCheck(facts, row, site),
                ]
            case .failure(let failure) where failure.isAbsentRef:
                return [
                    .failure(
                        .ref, facts.target, "there is no branch and no tag of this name",
                        fix: "create it, or correct `ref` in the job file or CI_COMMIT_REF_NAME"),
                    .skipped(.protectedRef, facts.target, "there is no such ref"),
                ]
            case .failure(let failure):
                let who = "a Reporter or higher role sees it in Code > Branches"
                return [
                    .unseen(.ref, facts.target, failure, who: who),
                    .unseen(.protectedRef, facts.target, failure, who: who),
                ]
            }
        }
    }

    /// Who may push or merge to a protected branch may run pipelines on it.
    private func protectionCheck(_ facts: RefFacts, _ row: RefRow, _ site: SiteFacts) -> Check {
        let fix =
            "Settings > Repository > Protected branches: allow the token's user to merge to \(facts.ref), or raise its role"
        let refusal = site.lints.filter { $0.target == facts.target }
            .compactMap { (try? $0.answer.get())?.errors.first { LintError($0) == .protection } }.first
        if let refusal { return .failure(.protectedRef, facts.target, refusal, fix: fix) }
        let level = site.project(facts.project)?.level
        guard let isProtected = row.isProtected else {
            return .unknown(
                .protectedRef, facts.target,
                "GitLab does not tell: a Maintainer sees it in Settings > Repository")
        }
        guard isProtected else { return .ok(.protectedRef, facts.target, "it is not protected") }
        if row.isTag {
            guard let level, level >= 40 else {
                return .unknown(
                    .protectedRef, facts.target,
                    "a protected tag: a Maintainer sees in Settings > Repository who may use it")
            }
            return .ok(.protectedRef, facts.target, "protected, and the role may use it")
        }
        if row.canPush == true { return .ok(.protectedRef, facts.target, "protected, and the user may push") }
        if row.developersCanMerge == true, (level ?? 30) >= 30 {
            return .ok(.protectedRef, facts.target, "protected, and Developers may merge")
        }
        // Maintainers may be allowed to merge though not to push, which no answer for this token tells.
        guard row.canPush != nil, row.developersCanMerge != nil, let level, level < 40 else {
            return .unknown(
                .protectedRef, facts.target,
                "protected, and GitLab does not tell who may merge: a Maintainer sees it in Settings > Repository"
            )
        }
        return .failure(
            .protectedRef, facts.target,
            "protected: the token's user (\(roleName(level))) may neither push nor merge, so run no pipeline",
            fix: fix)
    }
}
