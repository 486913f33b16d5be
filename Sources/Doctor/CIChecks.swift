import GitLab
import Scheduling

extension Facts {
    func ciChecks(_ site: SiteFacts) -> [Check] {
        site.refs.flatMap { facts -> [Check] in
            guard let lint = facts.lint else {
                let words = "there is no such ref"
                return [.skipped(.ciFile, facts.target, words)]
                    + jobs(in: facts.project, at: facts.ref).map { .skipped(.ciJob, $0.name, words) }
            }
            return [fileCheck(lint, facts)]
                + site.lints.filter { $0.target == facts.target }.map { jobCheck($0, facts, site) }
        }
    }

    private func fileCheck(_ lint: Told<LintRow>, _ facts: RefFacts) -> Check {
        switch lint {
        case .success(let lint):
            guard !lint.isValid else { return .ok(.ciFile, facts.target, "valid") }
            guard let error = lint.errors.first(where: { LintError($0) == .file }) ?? lint.errors.first else {
                return .unknown(
                    .ciFile, facts.target,
                    "GitLab calls it invalid and does not say why: look at Build > Pipeline editor")
            }
            return fileCheck(LintError(error), error, facts)
        case .failure(let failure):
            return .unseen(
                .ciFile, facts.target, failure,
                who: "a Developer sees it in Build > Pipeline editor > Validate")
        }
    }

    private func fileCheck(_ kind: LintError, _ error: String, _ facts: RefFacts) -> Check {
        switch kind {
        case .file:
            .failure(
                .ciFile, facts.target, error,
                fix: "correct the CI file on \(facts.ref); Build > Pipeline editor > Validate shows the line")
        case .empty, .workflow: .ok(.ciFile, facts.target, "there, and without errors")
        case .inputs: .skipped(.ciFile, facts.target, "it needs inputs that jobs give: see ci.job")
        case .ref, .protection, .role, .disabled:
            .skipped(.ciFile, facts.target, "not judged: see \(kind.place.rawValue)")
        }
    }

    private func jobCheck(_ lint: JobLint, _ facts: RefFacts, _ site: SiteFacts) -> Check {
        switch lint.answer {
        case .success(let row):
            guard !row.isValid else { return namesCheck(row, lint, facts) }
            guard let error = row.errors.first else {
                return .unknown(
                    .ciJob, lint.job, "GitLab does not say why it refuses: look at Build > Pipeline editor")
            }
            return refused(LintError(error), error, lint, facts, site)
        case .failure where lacksScope(site):
            return .skipped(.ciJob, lint.job, "not judged: see token.scope")
        case .failure(let failure):
            return .unseen(
                .ciJob, lint.job, failure, who: "a Developer sees it in Build > Pipeline editor > Validate")
        }
    }

    private func lacksScope(_ site: SiteFacts) -> Bool {
        let token = try? site.token?.get()
        return token?.isGranular != true && token?.scopes?.contains("api") == false
    }

    private func namesCheck(_ row: LintRow, _ lint: JobLint, _ facts: RefFacts) -> Check {
        guard !row.jobs.isEmpty else {
            return .unknown(
                .ciJob, lint.job, "GitLab does not tell its CI jobs: look at Build > Pipeline editor")
        }
        let names = row.jobs.prefix(5).map(\.name).joined(separator: ", ")
        let rest = row.jobs.count > 5 ? " and \(row.jobs.count - 5) more" : ""
        let doubt = doubt(lint, facts).map { "; not sure, because \($0)" } ?? ""
        return .ok(
            .ciJob, lint.job, "\(counted(row.jobs.count, "CI job")) on \(lint.ref): \(names)\(rest)\(doubt)")
    }

    /// Why the lint may be wrong about the rules; nil: it is right.
    private func doubt(_ lint: JobLint, _ facts: RefFacts) -> String? {
        let rules = file(facts)?.judgedAsPush.map { "`\($0)`" } ?? []
        let files = jobs.first { $0.name == lint.job }?.variables.filter { $0.kind == .file }.map(\.key) ?? []
        let reasons =
            (rules.isEmpty ? [] : ["GitLab's lint judges \(rules.joined(separator: ", ")) as for a push"])
            + (files.isEmpty ? [] : ["it takes no file variable such as \(files[0])"])
        return reasons.isEmpty ? nil : reasons.joined(separator: "; ")
    }

    /// No CI job would be in the pipeline: a failure where that is sure.
    private func emptyCheck(_ words: String, fix: String, _ lint: JobLint, _ facts: RefFacts) -> Check {
        guard let doubt = doubt(lint, facts) else { return .failure(.ciJob, lint.job, words, fix: fix) }
        return .unknown(
            .ciJob, lint.job,
            "\(words), perhaps: \(doubt). `orchestrate trigger \(lint.job)` shows it for sure")
    }

    private func refused(
        _ kind: LintError, _ error: String, _ lint: JobLint, _ facts: RefFacts, _ site: SiteFacts
    ) -> Check {
        switch kind {
        case .empty:
            let fed = "`variables: {ORCHESTRATE_JOB_NAME: '$[[ inputs.orchestrate_job_name ]]'}` at its top"
            return emptyCheck(
                "no CI job on \(lint.ref) matches: GitLab would refuse the empty pipeline",
                fix: "give a CI job on \(lint.ref) the rule `if: $ORCHESTRATE_JOB_NAME == \"\(lint.job)\"`"
                    + (inputsTravel(lint.project, site) ? ", and the CI file \(fed)" : ""), lint, facts)
        case .workflow:
            return emptyCheck(
                "workflow:rules on \(lint.ref) leave its pipeline out",
                fix:
                    "add `- if: $ORCHESTRATE_JOB_NAME` under `workflow: rules:` in the CI file on \(lint.ref)",
                lint, facts)
        case .inputs where inputsTravel(lint.project, site):
            return .skipped(.ciJob, lint.job, "not judged: see inputs.declared")
        case .inputs:
            return .failure(
                .ciJob, lint.job, error,
                fix:
                    "declare the job's inputs under `spec: inputs:` of the CI file on \(lint.ref), or correct `inputs` in the job file"
            )
        case .file where isFaulty(facts):
            return .skipped(.ciJob, lint.job, "not judged: see ci.file")
        case .file:
            return .failure(
                .ciJob, lint.job, error,
                fix:
                    "correct the CI file on \(lint.ref) for this job's variables; Build > Pipeline editor > Validate"
            )
        case .ref, .protection, .role, .disabled:
            return .skipped(.ciJob, lint.job, "not judged: see \(kind.place.rawValue)")
        }
    }

    private func isFaulty(_ facts: RefFacts) -> Bool {
        guard case .success(let lint)? = facts.lint else { return true }
        return !lint.isValid
    }
}
