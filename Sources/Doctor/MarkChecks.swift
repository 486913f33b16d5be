import CivilTime
import GitLab
import Scheduling

/// Whether pipelines can be marked, and found again.
extension Facts {
    /// What stands for a run id in a lint.
    public static let probe = "orchestrate-doctor@2000-01-01T00:00:00Z"

    static let runID = "ORCHESTRATE_RUN_ID"

    func markChecks(_ site: SiteFacts) -> [Check] {
        site.projects.filter { $0.known != nil }.map(variablesCheck)
            + site.refs.filter { $0.lint != nil }.flatMap { facts in
                [nameCheck(facts, site), autoCancelCheck(facts, site)] + inputChecks(facts, site)
            }
    }

    /// Whether the marks of this project's pipelines are inputs.
    func inputsTravel(_ project: String, _ site: SiteFacts) -> Bool {
        site.project(project).map { marking(of: $0) == .inputs } ?? (marking == .inputs)
    }

    private static let roleSetting = "Settings > CI/CD > Variables > Minimum role to use pipeline variables"

    private func variablesCheck(_ facts: ProjectFacts) -> Check {
        guard marking != .inputs else {
            return .ok(.variablesRole, facts.name, "not needed: ORCHESTRATE_MARK=inputs")
        }
        guard let isForbidden = facts.forbidsVariables else {
            if marking(of: facts) == .inputs {
                return .ok(
                    .variablesRole, facts.name,
                    "not needed: run ids travel as inputs, as the ledger remembers")
            }
            let proof = proofOfVariables(facts).map { "\($0); " } ?? ""
            return .unknown(
                .variablesRole, facts.name,
                "shown to Maintainers only: \(proof)ask one to look at \(Self.roleSetting)")
        }
        guard isForbidden else {
            return .ok(.variablesRole, facts.name, "the token may set pipeline variables")
        }
        let words =
            "GitLab refuses pipeline variables of this token: \(Self.mayUseVariables(facts.known?.variablesRole))"
        let setting = "\(Self.roleSetting): Developer (an Owner may change it)"
        guard marking == .variables else {
            return .warning(
                .variablesRole, facts.name, "\(words); pipelines are marked by inputs instead",
                fix: "set ORCHESTRATE_MARK=inputs, so that no variables are tried; or \(setting)")
        }
        return .failure(
            .variablesRole, facts.name, words,
            fix: "\(setting); or declare `spec: inputs:` in the CI file and set ORCHESTRATE_MARK=inputs")
    }

    private static func mayUseVariables(_ role: String?) -> String {
        // The older setting, without a role, is for Maintainers.
        let role = role ?? "maintainer"
        guard role != "no_one_allowed" else { return "the project allows nobody to set them" }
        return "the project allows them from the role \(role.prefix(1).uppercased() + role.dropFirst()) on"
    }

    /// What the ledger tells where the setting cannot be seen.
    private func proofOfVariables(_ facts: ProjectFacts) -> String? {
        newest(of: facts, among: local.newestWithVariables).map {
            "a pipeline with variables was created \($0.duration(to: now).rough) ago"
        }
    }

    /// When the ledger's newest pipeline of the project was created.
    func newestPipeline(of facts: ProjectFacts) -> Instant? {
        newest(of: facts, among: local.newestPipelines)
    }

    private func newest(of facts: ProjectFacts, among times: [String: Instant]) -> Instant? {
        facts.names.compactMap { times[$0] }.max()
    }

    func file(_ facts: RefFacts) -> CIFile? {
        (try? facts.lint?.get()).flatMap { CIFile($0.mergedYAML) }
    }

    private func nameCheck(_ facts: RefFacts, _ site: SiteFacts) -> Check {
        guard let file = file(facts) else { return unreadable(.workflowName, facts) }
        let travel = inputsTravel(facts.project, site)
        let name = file.pipelineName(keeping: travel ? nil : Self.runID) ?? ""
        let isNamed = name.contains(Self.probe) || (!travel && name.contains(Self.runID))
        if isNamed { return .ok(.workflowName, facts.target, "pipelines are named by their run ids") }
        guard !travel || facts.inputRefusal == nil else {
            return .skipped(.workflowName, facts.target, "not judged: see inputs.declared")
        }
        if travel {
            return .failure(
                .workflowName, facts.target,
                "no pipeline is named by its run id: one that was made with inputs cannot be found again",
                fix:
                    "add `name: 'orchestrate $[[ inputs.orchestrate_run_id ]]'` under `workflow:` in the CI file on \(facts.ref)"
            )
        }
        return .warning(
            .workflowName, facts.target,
            "no pipeline is named by its run id: after an outage the scheduler reads the variables of each pipeline",
            fix:
                "add `name: 'orchestrate $ORCHESTRATE_RUN_ID'` under `workflow:` in the CI file on \(facts.ref)"
        )
    }

    private func inputChecks(_ facts: RefFacts, _ site: SiteFacts) -> [Check] {
        guard marking != .variables else {
            return [.ok(.inputs, facts.target, "not needed: ORCHESTRATE_MARK=variables")]
        }
        if let refusal = facts.inputRefusal { return [undeclaredCheck(refusal, facts, site)] }
        let refused = inputsTravel(facts.project, site) ? refusedJobs(facts, site) : []
        guard refused.isEmpty else { return refused }
        guard facts.isProbed, (try? facts.lint?.get())?.isValid == true else {
            return [unreadable(.inputs, facts)]
        }
        return [.ok(.inputs, facts.target, "the CI file takes the inputs that mark pipelines")]
    }

    /// Jobs with inputs, or variables that travel as inputs, which the file does not take.
    private func refusedJobs(_ facts: RefFacts, _ site: SiteFacts) -> [Check] {
        site.lints.filter { $0.target == facts.target }.compactMap { lint in
            let errors = (try? lint.answer.get())?.errors ?? []
            guard let error = errors.first(where: { LintError($0) == .inputs }) else { return nil }
            return .failure(
                .inputs, lint.job, error,
                fix:
                    "declare the job's inputs and variables under `spec: inputs:` of the CI file on \(facts.ref)"
            )
        }
    }

    private func undeclaredCheck(_ refusal: String, _ facts: RefFacts, _ site: SiteFacts) -> Check {
        let project = site.project(facts.project)
        let inputs = markInputs(in: facts.project, at: facts.ref).map { "\($0): {default: ''}" }
        let fix =
            "add `spec: {inputs: {\(inputs.joined(separator: ", "))}}` as the head of the CI file on \(facts.ref), with "
            + "a line `---` below it"
        if inputsTravel(facts.project, site) {
            return .failure(
                .inputs, facts.target, "pipelines are marked by inputs, and GitLab says: \(refusal)",
                fix: "\(fix); or \(Self.roleSetting): Developer, and ORCHESTRATE_MARK=variables")
        }
        let words = "the CI file takes no inputs that mark pipelines"
        if project?.forbidsVariables == false {
            return .ok(
                .inputs, facts.target, "\(words), and needs none: the token may set pipeline variables")
        }
        if let proof = project.flatMap(proofOfVariables) {
            return .ok(.inputs, facts.target, "\(words), and needed none so far: \(proof)")
        }
        return .warning(
            .inputs, facts.target, "\(words); GitLab needs them where it forbids pipeline variables",
            fix: "\(fix); or set ORCHESTRATE_MARK=variables where they are allowed")
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
            fix: "add `auto_cancel: {on_new_commit: none}` under `workflow:` in the CI file on \(facts.ref)")
    }

    private func unreadable(_ id: CheckID, _ facts: RefFacts) -> Check {
        switch facts.lint {
        case .failure(let failure)?:
            .unseen(id, facts.target, failure, who: "a Developer sees the file in Build > Pipeline editor")
        case .success(let lint)? where !lint.isValid: .skipped(id, facts.target, "not judged: see ci.file")
        default:
            .unknown(
                id, facts.target,
                "GitLab does not tell this token: a Developer sees the file in Build > Pipeline editor")
        }
    }
}
