import GitLab
import Scheduling

extension Facts {
    func ciChecks(_ site: SiteFacts) -> [Check] {
        site.refs.flatMap { facts in
            [fileCheck(facts)].compactMap(\.self)
                + site.lints.filter { $0.target == facts.target }.map { jobCheck($0, facts, site) }
        }
    }

    private func fileCheck(_ facts: RefFacts) -> Check? {
        switch facts.lint {
        case .success(let lint)?:
            guard !lint.isValid else { return .ok(.ciFile, facts.target, "valid") }
            let kinds = Set(lint.errors.map(LintError.init))
            if let error = lint.errors.first(where: { LintError($0) == .file }) {
                return .failure(
                    .ciFile, facts.target, error,
                    fix:
                        "correct the CI file on \(facts.ref); Build > Pipeline editor > Validate shows the line"
                )
            }
            guard let place = kinds.first?.place, kinds.isDisjoint(with: [.empty, .workflow]) else {
                return kinds.isEmpty
                    ? .unknown(
                        .ciFile, facts.target,
                        "GitLab calls it invalid and does not say why: look at Build > Pipeline editor")
                    : .ok(.ciFile, facts.target, "there, and without errors")
            }
            return .skipped(.ciFile, facts.target, "not judged by GitLab: see \(place.rawValue)")
        case .failure(let failure)?:
            return .unseen(
                .ciFile, facts.target, failure,
                who: "a Developer sees it in Build > Pipeline editor > Validate")
        case nil: return .skipped(.ciFile, facts.target, "there is no such ref")
        }
    }

    private func jobCheck(_ lint: JobLint, _ facts: RefFacts, _ site: SiteFacts) -> Check {
        switch lint.answer {
        case .success(let row):
            guard !row.isValid else { return jobs(row, lint) }
            guard let error = row.errors.first else {
                return .unknown(
                    .ciJob, lint.job, "GitLab does not say why it refuses: look at Build > Pipeline editor")
            }
            return refused(LintError(error), error, lint, facts, site)
        case .failure(let failure):
            return .unseen(
                .ciJob, lint.job, failure, who: "a Developer sees it in Build > Pipeline editor > Validate")
        }
    }

    private func jobs(_ row: LintRow, _ lint: JobLint) -> Check {
        guard !row.jobs.isEmpty else {
            return .unknown(
                .ciJob, lint.job, "GitLab does not tell its CI jobs: look at Build > Pipeline editor")
        }
        let names = row.jobs.prefix(5).map(\.name).joined(separator: ", ")
        let rest = row.jobs.count > 5 ? " and \(row.jobs.count - 5) more" : ""
        return .ok(.ciJob, lint.job, "\(counted(row.jobs.count, "CI job")) on \(lint.ref): \(names)\(rest)")
    }

    private func refused(
        _ kind: LintError, _ error: String, _ lint: JobLint, _ facts: RefFacts, _ site: SiteFacts
    ) -> Check {
        switch kind {
        case .empty:
            return .failure(
                .ciJob, lint.job, "no CI job on \(lint.ref) matches: GitLab would refuse the empty pipeline",
                fix: "give a CI job on \(lint.ref) the rule `if: $ORCHESTRATE_JOB_NAME == \"\(lint.job)\"`")
        case .workflow:
            return .failure(
                .ciJob, lint.job, "workflow:rules on \(lint.ref) leave its pipeline out",
                fix:
                    "add `- if: $ORCHESTRATE_JOB == \"true\"` to workflow:rules of the CI file on \(lint.ref)"
            )
        case .inputs where inputsTravel(lint.project, site):
            return .skipped(.ciJob, lint.job, "not judged by GitLab: see inputs.declared")
        case .inputs:
            return .failure(
                .ciJob, lint.job, error,
                fix:
                    "declare the job's inputs under `spec: inputs:` of the CI file on \(lint.ref), or correct `inputs` in the job file"
            )
        case .file where isFaulty(facts):
            return .skipped(.ciJob, lint.job, "not judged by GitLab: see ci.file")
        case .file:
            return .failure(
                .ciJob, lint.job, error,
                fix:
                    "correct the CI file on \(lint.ref) for this job's variables; Build > Pipeline editor > Validate"
            )
        case .ref, .protection, .role, .disabled:
            return .skipped(.ciJob, lint.job, "not judged by GitLab: see \(kind.place?.rawValue ?? "")")
        }
    }

    private func isFaulty(_ facts: RefFacts) -> Bool {
        guard case .success(let lint)? = facts.lint else { return true }
        return !lint.isValid
    }
}
