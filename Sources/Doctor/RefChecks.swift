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
                        .ref, facts.target, "there is no branch and no tag of this name\(users(of: facts))",
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

    /// The jobs that would fail.
    private func users(of facts: RefFacts) -> String {
        let names = jobs(in: facts.project, at: facts.ref).map(\.name)
        guard !names.isEmpty else { return "" }
        return
            "; jobs that run there: \(names.prefix(5).joined(separator: ", "))\(names.count > 5 ? ", …" : "")"
    }

    /// Who may push or merge to a protected branch may run pipelines on it. A dry run of a job proves it either way.
    private func protectionCheck(_ facts: RefFacts, _ row: RefRow, _ site: SiteFacts) -> Check {
        let proof = site.lints.filter { $0.target == facts.target }.compactMap(\.provesAccess).first
        if proof == false { return refusal(of: facts) }
        guard let isProtected = row.isProtected else {
            return .unknown(
                .protectedRef, facts.target,
                "GitLab does not tell: a Maintainer sees it in Settings > Repository")
        }
        guard isProtected else { return .ok(.protectedRef, facts.target, "it is not protected") }
        if proof == true {
            return .ok(.protectedRef, facts.target, "protected, and the token's user may run pipelines there")
        }
        if row.canPush == true { return .ok(.protectedRef, facts.target, "protected, and the user may push") }
        let level = site.project(facts.project)?.level
        if row.developersCanMerge == true, (level ?? 30) >= 30 {
            return .ok(.protectedRef, facts.target, "protected, and Developers may merge")
        }
        // Maintainers may be allowed to merge though not to push, which no answer for this token tells.
        guard !row.isTag, row.canPush != nil, row.developersCanMerge != nil, let level, level < 40 else {
            return .unknown(
                .protectedRef, facts.target,
                "protected: a Maintainer sees in Settings > Repository who may push or merge there")
        }
        return refusal(of: facts)
    }

    private func refusal(of facts: RefFacts) -> Check {
        .failure(
            .protectedRef, facts.target,
            "protected: the token's user may neither push nor merge, so GitLab refuses its pipelines",
            fix:
                "Settings > Repository > Protected branches: allow the token's user to merge to \(facts.ref), or raise "
                + "its role")
    }
}

extension JobLint {
    /// Whether the token's user may run pipelines on the ref: GitLab judges that before the CI file.
    fileprivate var provesAccess: Bool? {
        guard case .success(let row) = answer else { return nil }
        let kinds = Set(row.errors.map(LintError.init))
        if kinds.contains(.protection) { return false }
        return kinds.isDisjoint(with: [.ref, .role, .disabled]) && (row.isValid || !kinds.isEmpty)
            ? true : nil
    }
}
