/// The CI lint tells whether the file is valid, and which jobs a pipeline would have.
extension FakeGitLab {
    /// `GET /projects/:id/ci/lint`: the file as it is at a ref.
    mutating func lintFile(_ call: Call) throws(Refusal) -> FakeAnswer {
        let project = try project(call)
        try require(.reporter, call)
        guard !project.facts.isEmpty else { throw Refusal(.message(404, "404 Repository Not Found")) }
        let ref = call.parameters["content_ref"].text ?? "main"
        guard project.head(of: ref) != nil else { throw Refusal(.message(404, "404 Commit Not Found")) }
        try countLint(project, call)
        return try lint(LintContent(""), project, call)
    }

    /// `POST /projects/:id/ci/lint`: a text that may include the file. The status is 200 even if the text is not valid.
    mutating func lintText(_ call: Call) throws(Refusal) -> FakeAnswer {
        let project = try project(call)
        try require(.developer, call)
        guard let content = call.parameters["content"].text else {
            throw Refusal(.error(400, "content is missing"))
        }
        try countLint(project, call)
        return try lint(LintContent(content), project, call)
    }

    private mutating func countLint(_ project: FakeProject, _ call: Call) throws(Refusal) {
        let key = "lint \(project.id) \(call.user.id)"
        if limits.isPassed(project.facts.lintsPerMinute, by: key, at: now) {
            throw Refusal(.tooManyRequestsOfEndpoint)
        }
    }

    private func lint(_ content: LintContent, _ project: FakeProject, _ call: Call) throws(Refusal)
        -> FakeAnswer
    {
        let isDry = call.parameters["dry_run"].bool ?? false
        if isDry, let error = refusal(of: call.parameters["ref"].text ?? "main", project, call) {
            return invalid([error])
        }
        guard let file = project.facts.ciFile else {
            return invalid(["Local file `.gitlab-ci.yml` does not exist!"])
        }
        if !file.errors.isEmpty { return invalid(file.errors) }
        let unknown = content.inputs.keys.filter { !(file.inputs?.contains($0) ?? true) }.sorted()
        guard unknown.isEmpty else {
            let words = "unknown input arguments: \(unknown.joined(separator: ", "))"
            return invalid(["`.gitlab-ci.yml`: \(words)"])
        }
        let name = content.variables["ORCHESTRATE_JOB_NAME"] ?? content.inputs["orchestrate_job_name"] ?? ""
        let jobs = file.jobs.filter { $0.only?.contains(name) ?? true }
        guard !isDry || !jobs.isEmpty else {
            return invalid([
                "The resulting pipeline would have been empty. Review the rules configuration for the relevant jobs."
            ])
        }
        var text = file.text
        for input in (file.inputs ?? ["orchestrate_run_id", "orchestrate_job_name"]) {
            text = text.replacing("$[[ inputs.\(input) ]]", with: content.inputs[input] ?? "")
        }
        return FakeAnswer(
            200,
            [
                "valid": true, "errors": [], "warnings": [], "merged_yaml": .string(text),
                "includes": [["type": "local", "location": ".gitlab-ci.yml"]],
                "jobs": .array(jobs.map { json($0, file) }),
            ])
    }

    /// A dry run goes through the same checks as the creation of a pipeline.
    private func refusal(of ref: String, _ project: FakeProject, _ call: Call) -> String? {
        if project.facts.builds == "disabled" { return "Pipelines are disabled!" }
        if project.head(of: ref) == nil { return "Reference not found" }
        let isOpen = !project.protectedBranches.contains(ref) || project.facts.developersMerge.contains(ref)
        guard !isOpen, !call.caller.has(.maintainer) else { return nil }
        return
            "You do not have sufficient permission to run a pipeline on '\(ref)'. Please select a different branch."
    }

    private func invalid(_ errors: [String]) -> FakeAnswer {
        FakeAnswer(
            200,
            [
                "valid": false, "errors": .array(errors.map(FakeJSON.string)), "warnings": [],
                "merged_yaml": .null, "includes": [], "jobs": [],
            ])
    }

    private func json(_ job: FakeCIFile.Job, _ file: FakeCIFile) -> FakeJSON {
        [
            "name": .string(job.name), "stage": "test", "before_script": [], "script": [.string(file.script)],
            "after_script": [], "tag_list": .array(job.tags.map(FakeJSON.string)), "environment": .null,
            "when": "on_success", "allow_failure": false,
        ]
    }
}

/// The inputs of the include and the variables of a text, one `name: "value"` a line.
private struct LintContent {
    var inputs: [String: String] = [:]
    var variables: [String: String] = [:]

    init(_ text: String) {
        var isInclude = false
        for line in text.split(separator: "\n") {
            guard line.hasPrefix(" ") else {
                isInclude = line.hasPrefix("include:")
                continue
            }
            let sides = line.split(separator: ":", maxSplits: 1).map { side in
                String(side.drop { " -\"".contains($0) }.reversed().drop { " \"".contains($0) }.reversed())
            }
            guard sides.count == 2 else { continue }
            if isInclude { inputs[sides[0]] = sides[1] } else { variables[sides[0]] = sides[1] }
        }
        for name in ["local", "inputs", "file", "project"] { inputs[name] = nil }
    }
}
