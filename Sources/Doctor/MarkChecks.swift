import GitLab
import Scheduling

/// Whether pipelines can be marked, and found again.
extension Facts {
    /// What stands for a run id in a lint.
    public static let probe = "orchestrate-doctor@2000-01-01T00:00:00Z"

    static let runID = "ORCHESTRATE_RUN_ID"

    func markChecks(_ site: SiteFacts) -> [Check] {
        site.projects.filter { $0.known != nil }.map { variablesCheck($0, site) }
            + site.refs.filter { $0.lint != nil }.flatMap { facts in
                [nameCheck(facts, site), autoCancelCheck(facts, site)] + inputChecks(facts, site)
            }
    }

    /// Whether the marks of this project's pipelines are inputs.
    func inputsTravel(_ project: String, _ site: SiteFacts) -> Bool {
        switch marking {
        case .inputs: true
        case .variables: false
        case .auto: site.project(project)?.forbidsVariables == true
        }
    }

    private func variablesCheck(_ facts: ProjectFacts, _ site: SiteFacts) -> Check {
        guard marking != .inputs else {
            return .ok(.variablesRole, facts.name, "not needed: ORCHESTRATE_MARK=inputs")
        }
        guard let isForbidden = facts.forbidsVariables else { return unseenRole(facts) }
        guard isForbidden else {
            return .ok(.variablesRole, facts.name, "the token may set pipeline variables")
        }
        let role = facts.known?.variablesRole ?? "maintainer"
        let words = "pipeline variables need the role \(role): GitLab refuses those of this token"
        let setting =
            "Settings > CI/CD > Variables > Minimum role to use pipeline variables: Developer (an Owner may change it)"
        let refs = site.refs.filter { $0.project == facts.name }
        if marking == .auto, !refs.isEmpty, refs.allSatisfy(takesMarks) {
            return .warning(
                .variablesRole, facts.name, "\(words); the marks travel as inputs, which the CI file takes",
                fix: "set ORCHESTRATE_MARK=inputs to say so; or \(setting)")
        }
        return .failure(
            .variablesRole, facts.name, words,
            fix: "\(setting); or declare `spec: inputs:` in the CI file and set ORCHESTRATE_MARK=inputs")
    }

    private func unseenRole(_ facts: ProjectFacts) -> Check {
        let who = "ask one to look at Settings > CI/CD > Variables > Minimum role to use pipeline variables"
        let last = facts.known.map { [facts.name, String($0.id), $0.path ?? ""] } ?? [facts.name]
        let proof = last.compactMap { local.newestPipelines[$0] }.max().map {
            "a pipeline with variables was created \($0.duration(to: now).rough) ago; "
        }
        return .unknown(.variablesRole, facts.name, "shown to Maintainers only: \(proof ?? "")\(who)")
    }

    /// The file uses what the probe put in: GitLab took the inputs, and they reach the name.
    private func takesMarks(_ facts: RefFacts) -> Bool {
        guard facts.isProbed, let file = file(facts) else { return false }
        return file.pipelineName(keeping: nil)?.contains(Self.probe) ?? false
    }

    private func file(_ facts: RefFacts) -> CIFile? {
        (try? facts.lint?.get()).flatMap { CIFile($0.mergedYAML) }
    }

    private func nameCheck(_ facts: RefFacts, _ site: SiteFacts) -> Check {
        guard let file = file(facts) else { return unreadable(.workflowName, facts) }
        let travel = inputsTravel(facts.project, site)
        let name = file.pipelineName(keeping: travel ? nil : Self.runID) ?? ""
        let isNamed = name.contains(Self.probe) || (!travel && name.contains(Self.runID))
        if isNamed { return .ok(.workflowName, facts.target, "pipelines are named by their run ids") }
        if travel {
            return .failure(
                .workflowName, facts.target,
                "no pipeline is named by its run id: one that was made with inputs cannot be found again",
                fix:
                    "add `workflow: name: 'orchestrate $[[ inputs.orchestrate_run_id ]]'` to the CI file on \(facts.ref)"
            )
        }
        return .warning(
            .workflowName, facts.target,
            "no pipeline is named by its run id: after an outage the scheduler reads the variables of each",
            fix: "add `workflow: name: 'orchestrate $ORCHESTRATE_RUN_ID'` to the CI file on \(facts.ref)")
    }

    private func inputChecks(_ facts: RefFacts, _ site: SiteFacts) -> [Check] {
        guard marking != .variables else {
            return [.ok(.inputs, facts.target, "not needed: ORCHESTRATE_MARK=variables")]
        }
        let travel = inputsTravel(facts.project, site)
        let refused = site.lints.filter { $0.target == facts.target }.compactMap {
            lint -> (String, String)? in
            let errors = (try? lint.answer.get())?.errors ?? []
            return errors.first { LintError($0) == .inputs }.map { (lint.job, $0) }
        }
        if travel, facts.inputRefusal == nil, !refused.isEmpty {
            return refused.map { job, error in
                .failure(
                    .inputs, job, error,
                    fix:
                        "declare the job's inputs and variables under `spec: inputs:` of the CI file on \(facts.ref)"
                )
            }
        }
        guard let refusal = facts.inputRefusal else {
            guard facts.isProbed, (try? facts.lint?.get())?.isValid == true else {
                return [unreadable(.inputs, facts)]
            }
            return [.ok(.inputs, facts.target, "the CI file takes the inputs that mark pipelines")]
        }
        let fix =
            "add `spec: {inputs: {orchestrate_run_id: {default: ''}, orchestrate_job_name: {default: ''}}}` as the "
            + "head of the CI file on \(facts.ref), with a line `---` below it"
        guard travel else {
            return [
                .warning(
                    .inputs, facts.target,
                    "the CI file takes no inputs that mark pipelines; they are needed where pipeline variables are forbidden",
                    fix: "\(fix); or set ORCHESTRATE_MARK=variables")
            ]
        }
        return [
            .failure(.inputs, facts.target, "marks travel as inputs, and GitLab says: \(refusal)", fix: fix)
        ]
    }

    private func autoCancelCheck(_ facts: RefFacts, _ site: SiteFacts) -> Check {
        let setting = site.project(facts.project)?.known?.autoCancel
        if setting == "disabled" { return .ok(.autoCancel, facts.target, "switched off in the project") }
        guard let file = file(facts) else { return unreadable(.autoCancel, facts) }
        if file.sparesRuns {
            return .ok(.autoCancel, facts.target, "the CI file spares the scheduler's pipelines")
        }
        guard setting != nil else {
            return .unknown(
                .autoCancel, facts.target,
                "the CI file does not spare the scheduler's pipelines; a Maintainer sees in Settings > CI/CD > General "
                    + "pipelines whether redundant ones are canceled")
        }
        return .warning(
            .autoCancel, facts.target,
            "the first pipeline after a push cancels the scheduler's pipelines that wait",
            fix: "add `workflow: auto_cancel: {on_new_commit: none}` to the CI file on \(facts.ref)")
    }

    private func unreadable(_ id: CheckID, _ facts: RefFacts) -> Check {
        switch facts.lint {
        case .failure(let failure)?:
            .unseen(id, facts.target, failure, who: "a Developer sees the file in Build > Pipeline editor")
        case .success(let lint)? where !lint.isValid: .skipped(id, facts.target, "the CI file is not valid")
        default:
            .unknown(
                id, facts.target,
                "GitLab does not tell the file: a Developer sees it in Build > Pipeline editor")
        }
    }
}
