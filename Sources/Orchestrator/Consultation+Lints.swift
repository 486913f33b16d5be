import Doctor
import GitLab
import Scheduling
import Text

/// Refs, and what the CI files there make of the jobs.
extension Consultation {
    mutating func askAbout(_ target: Target) async {
        guard let project = site.project(target.project), let row = project.known else { return }
        let id = String(row.id)
        var found = await refFacts(target, id)
        if case .failure(let failure) = found.row, failure.isAbsentRef { return site.refs.append(found) }
        await lintFile(of: row, &found)
        if let own = facts.own, (target.project, target.ref) == (facts.project ?? "", facts.ref ?? "") {
            found.processMode = await processMode(own, id, found)
        }
        site.refs.append(found)
        // Without the file nothing can be said of the jobs.
        guard case .success? = found.lint else { return await refuseJobs(of: target, found) }
        let asInputs = facts.marking(of: project) == .inputs
        for job in facts.jobs(in: target.project, at: target.ref) {
            let content = Self.content(of: job, row.ciFile, asInputs: asInputs)
            let answer = await lint(project: id, content, ref: target.ref, dryRun: true)
            site.lints.append(
                JobLint(job: job.name, project: target.project, ref: target.ref, answer: answer))
        }
    }

    private mutating func refuseJobs(of target: Target, _ found: RefFacts) async {
        guard case .failure(let failure)? = found.lint else { return }
        site.lints += facts.jobs(in: target.project, at: target.ref).map {
            JobLint(job: $0.name, project: target.project, ref: target.ref, answer: .failure(failure))
        }
    }

    /// The file by itself: first with the inputs that mark pipelines, unless they never travel as inputs.
    private mutating func lintFile(of row: ProjectRow, _ found: inout RefFacts) async {
        let id = String(row.id)
        let marks = facts.markInputs(in: found.project, at: found.ref).map { name in
            Input(name: name, value: .text(Facts.probe))
        }
        if facts.marking != .variables {
            let content = LintContent(file: row.ciFile, inputs: marks)
            let answer = await lint(project: id, content, ref: found.ref, dryRun: false)
            (found.lint, found.isProbed) = (answer, true)
            guard case .success(let lint) = answer,
                let words = lint.errors.first(where: Facts.isAboutUndeclaredInputs)
            else { return await lintAsReader(id, &found) }
            (found.inputRefusal, found.isProbed) = (words, false)
        }
        let content = LintContent(file: row.ciFile)
        found.lint = await lint(project: id, content, ref: found.ref, dryRun: false)
        await lintAsReader(id, &found)
    }

    /// Who may not create pipelines may still have the file as it is linted.
    private mutating func lintAsReader(_ id: String, _ found: inout RefFacts) async {
        guard case .failure(let failure)? = found.lint, failure.kind != .rateLimited, failure.status != nil
        else { return }
        await waitForTurn()
        let answer = await told(try await client.lintOfFile(project: id, ref: found.ref))
        guard case .success = answer else { return }
        (found.lint, found.isProbed) = (answer, false)
    }

    private mutating func lint(
        project: String, _ content: LintContent, ref: String, dryRun: Bool
    ) async -> Told<LintRow> {
        await waitForTurn()
        let answer = await told(
            try await client.lint(project: project, content: content.yaml, ref: ref, dryRun: dryRun))
        // Another program lints with the same token. Who waits longer than two minutes looks elsewhere.
        guard case .failure(let failure) = answer, failure.kind == .rateLimited,
            let wait = failure.retryAfter, wait <= .seconds(120)
        else { return answer }
        await pause(wait)
        await waitForTurn()
        return await told(
            try await client.lint(project: project, content: content.yaml, ref: ref, dryRun: dryRun))
    }

    private mutating func waitForTurn() async {
        let wait = pace.wait(at: uptime())
        if wait > .zero { await pause(wait) }
        pace.note(at: uptime())
    }

    private func pause(_ duration: Duration) async {
        let all = facts.jobs.count(where: \.isEnabled)
        tell(
            "looked at \(site.lints.count) of \(all) jobs; waiting \(duration.rough), to send at most ten lints a minute"
        )
        await sleep(duration)
    }

    /// What a pipeline of the job would be created with.
    private static func content(of job: Job, _ file: String?, asInputs: Bool) -> LintContent {
        let source = Variable(key: "CI_PIPELINE_SOURCE", value: "api")
        guard asInputs else {
            let marks = [
                source, Variable(key: "ORCHESTRATE_JOB", value: "true"),
                Variable(key: "ORCHESTRATE_JOB_NAME", value: job.name),
                Variable(key: "ORCHESTRATE_RUN_ID", value: Facts.probe),
            ]
            let names = Set(marks.map(\.key))
            // A variable of type file holds a path there, which a text cannot say.
            let own = job.variables.filter { !names.contains($0.key) && $0.kind == .environment }
            return LintContent(file: file, inputs: job.inputs, variables: marks + own)
        }
        let marks = [
            Input(name: MarkInput.runID.rawValue, value: .text(Facts.probe)),
            Input(name: MarkInput.jobName.rawValue, value: .text(job.name)),
        ]
        let variables = job.variables.map { Input(name: $0.key, value: .text($0.value)) }
        return LintContent(file: file, inputs: marks + job.inputs + variables, variables: [source])
    }

    /// Variables of GitLab's that the name of a resource group may hold, a longer name before one it begins with. No others:
    /// a secret must not get into a path.
    private static let inResourceGroups = [
        "CI_COMMIT_REF_SLUG", "CI_COMMIT_REF_NAME", "CI_COMMIT_BRANCH", "CI_DEFAULT_BRANCH",
        "CI_PROJECT_PATH_SLUG", "CI_PROJECT_PATH", "CI_PROJECT_NAME", "CI_PROJECT_ID", "CI_JOB_NAME",
    ]

    /// Of the own CI job's resource group; nil where it has none, or its name is not known here.
    private func processMode(_ own: OwnJob, _ project: String, _ found: RefFacts) async -> Told<String>? {
        guard let yaml = (try? found.lint?.get())?.mergedYAML,
            var key = Facts.resourceGroup(of: own.name, in: yaml)
        else { return nil }
        for name in Self.inResourceGroups {
            guard let value = environment.values[name] else { continue }
            key = key.replacing("${\(name)}", with: value).replacing("$\(name)", with: value)
        }
        guard !key.contains("$") else { return nil }
        return await told(try await client.processMode(project: project, resourceGroup: key))
    }
}

extension Sequence where Element: Hashable {
    /// Each once, in the order of the first ones.
    var unique: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
