/// A pipeline about to be made; every check is behind it.
struct NewPipeline {
    var project: FakeProject
    var ref: String
    var sha: String
    var source: String
    var user: FakeUser
    var name: String?
    var variables: [FakeVariable] = []
    var inputs: FakeJSON = .null
    var isInstance = false
    /// The trigger job, for a child.
    var parentJobID: Int64?
    /// Given for instances, children and pushes; others get it from the settings and their variables.
    var behaviour: FakeBehaviour?

    /// Its inputs, as the CI file may hand them on to variables.
    var inputVariables: [FakeVariable] {
        inputs.members.map { FakeVariable(key: $0.name, value: $0.value.text ?? "") }
    }
}

extension FakeGitLab {
    /// `POST /projects/:id/pipeline`. The checks stand in GitLab's order: parameters, project, role, then the
    /// steps of its pipeline chain.
    mutating func createPipeline(_ call: Call) throws(Refusal) -> FakeAnswer {
        guard let ref = call.parameters["ref"].text else { throw Refusal(.error(400, "ref is missing")) }
        let variables = try sentVariables(call.parameters["variables"])
        let inputs = knownInputs(call.parameters)
        if case .object = inputs {} else if !inputs.isNull { throw Refusal(.error(400, "inputs is invalid")) }
        let project = try project(call)
        try require(.developer, call)
        var new = NewPipeline(
            project: project, ref: ref, sha: "", source: "api", user: call.user, variables: variables,
            inputs: inputs)
        let isMaintainer = call.caller.has(.maintainer)
        try check(
            &new, mayOverride: variables.isEmpty || mayOverride(project, call.caller),
            isMaintainer: isMaintainer)
        return create(new)
    }

    /// `POST /projects/:id/trigger/pipeline`, for a trigger token or a job token in the body.
    mutating func triggerPipeline(
        _ target: Target, _ request: FakeRequest, _ parameters: FakeJSON
    ) throws(Refusal) -> FakeAnswer {
        guard let ref = target.parts["ref"] ?? parameters["ref"].text else {
            throw Refusal(.error(400, "ref is missing"))
        }
        guard let token = parameters["token"].text else { throw Refusal(.error(400, "token is missing")) }
        let sent = parameters["variables"].members
        guard sent.allSatisfy({ if case .string = $0.value { true } else { false } }) else {
            throw Refusal(.message(400, "variables needs to be a map of key-valued strings"))
        }
        let project = try project(target, request)
        let job = runningJob(withToken: token)
        guard settings.triggerTokens.contains(token) || job != nil else {
            throw Refusal(.message(404, "404 Not Found"))
        }
        let payload = parameters.members.filter { $0.name != "token" }
        let variables =
            sent.map { FakeVariable(key: $0.name, value: $0.value.text ?? "") } + [
                FakeVariable(
                    key: "TRIGGER_PAYLOAD",
                    value: String(decoding: FakeJSON.object(payload).bytes, as: UTF8.self), type: "file")
            ]
        var new = NewPipeline(
            project: project, ref: ref, sha: "", source: job == nil ? "trigger" : "pipeline",
            user: FakeUser(), variables: variables, inputs: knownInputs(parameters))
        try check(&new, mayOverride: project.variablesRole == "developer", isMaintainer: false)
        return create(new)
    }

    private mutating func create(_ new: NewPipeline) -> FakeAnswer {
        let index = makePipeline(new)
        notice("pipeline \(allPipelines[index].title) created on \(new.ref) by \(new.source)")
        return FakeAnswer(201, pipelineJSON(allPipelines[index], withName: false))
    }

    /// The `inputs` parameter. Before 17.10 GitLab does not know it, and drops it without a word.
    private func knownInputs(_ parameters: FakeJSON) -> FakeJSON {
        settings.isAtLeast(17, 10) ? parameters["inputs"] : .null
    }

    /// The `variables` parameter as declared in GitLab's `create_pipeline_params`.
    private func sentVariables(_ sent: FakeJSON) throws(Refusal) -> [FakeVariable] {
        guard !sent.isNull else { return [] }
        guard case .array(let elements) = sent else { throw Refusal(.error(400, "variables is invalid")) }
        var variables: [FakeVariable] = []
        for (place, element) in elements.enumerated() {
            let type = element["variable_type"].text ?? "env_var"
            guard type == "env_var" || type == "file" else {
                throw Refusal(.error(400, "variables[\(place)][variable_type] does not have a valid value"))
            }
            for name in ["key", "value"] where !element[name].isNull && element[name].text == nil {
                throw Refusal(.error(400, "variables[\(place)][\(name)] is invalid"))
            }
            let key = element["key"].text ?? ""
            variables.append(
                FakeVariable(key: Self.stripped(key), value: element["value"].text ?? "", type: type))
        }
        return variables
    }

    private func mayOverride(_ project: FakeProject, _ caller: Caller) -> Bool {
        switch project.variablesRole {
        case "no_one_allowed": false
        case "owner": caller.has(.owner)
        case "maintainer": caller.has(.maintainer)
        default: true
        }
    }

    /// The steps of GitLab's pipeline chain; fills in the commit and the name.
    private mutating func check(
        _ new: inout NewPipeline, mayOverride: Bool, isMaintainer: Bool
    ) throws(Refusal) {
        guard mayOverride else {
            throw Refusal(.base(400, "Insufficient permissions to set pipeline variables"))
        }
        try checkKeys(new.variables)
        guard let sha = new.project.head(of: new.ref) else {
            throw Refusal(.base(400, "Reference not found"))
        }
        new.sha = sha
        guard isMaintainer || !new.project.protectedBranches.contains(new.ref) else {
            throw Refusal(
                .base(
                    400,
                    "You do not have sufficient permission to run a pipeline on '\(new.ref)'. "
                        + "Please select a different branch or contact your administrator for assistance. "
                        + "Learn more"))
        }
        let key = "pipelines \(new.project.id) \(new.user.id) \(sha)"
        if limits.isPassed(settings.pipelinesPerMinute, by: key, at: now)
            || limits.isPassed(settings.pipelinesPerMinuteOfUser, by: "pipelines \(new.user.id)", at: now)
        {
            throw Refusal(.tooManyPipelines)
        }
        for name in settings.requiredInputs where new.inputs[name].isNull {
            throw Refusal(.base(400, "`\(name)` input: required value has not been provided"))
        }
        if let text = new.variables.first(where: { $0.key == "FAKE_REFUSE" })?.value {
            throw Refusal(.base(400, text))
        }
        try checkInputs(new)
        new.name = try name(for: new.variables, inputs: new.inputs)
    }

    /// The CI file takes the inputs that it declares, and no others.
    private func checkInputs(_ new: NewPipeline) throws(Refusal) {
        guard let declared = new.project.facts.ciFile?.inputs else { return }
        let unknown = new.inputs.members.map(\.name).filter { !declared.contains($0) }
        guard !unknown.isEmpty else { return }
        let names = unknown.map { "`\($0)`" }.joined(separator: ", ")
        let text =
            "Given inputs not defined in the `spec` section of the included configuration file: \(names)"
        throw Refusal(.base(400, text))
    }

    private func checkKeys(_ variables: [FakeVariable]) throws(Refusal) {
        var counts: [String: Int] = [:]
        for variable in variables {
            let isWord = variable.key.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "_") || Character(Unicode.Scalar(byte)).isASCIIAlphanumeric
            }
            guard isWord, !variable.key.isEmpty, variable.key.utf8.count <= 255 else {
                let text = "can contain only letters, digits and '_'."
                throw Refusal(FakeAnswer(400, ["message": ["variables.key": [.string(text)]]]))
            }
            counts[variable.key, default: 0] += 1
        }
        let twice = counts.filter { $0.value > 1 }.keys.sorted()
        guard twice.isEmpty else {
            let names = twice.joined(separator: ", ")
            throw Refusal(.base(400, "Duplicate variable name\(twice.count > 1 ? "s" : ""): \(names)"))
        }
    }

    /// `workflow: name:` with the variables put in; nil when that leaves nothing.
    func name(for variables: [FakeVariable], inputs: FakeJSON = .null) throws(Refusal) -> String? {
        guard var template = settings.nameTemplate else { return nil }
        template.replace("$[[ inputs.orchestrate_run_id ]]", with: inputs["orchestrate_run_id"].text ?? "")
        // Top-level variables of the CI file, which the pipeline's own outrank.
        let marks = inputs.members.filter { $0.name.hasPrefix("orchestrate_") }
            .map { ($0.name.uppercased(), $0.value.text ?? "") }
        let values = Dictionary(
            variables.map { ($0.key, $0.value) } + marks, uniquingKeysWith: { first, _ in first })
        let name = Self.stripped(Self.expanded(template, values))
        guard name.count <= 255 else {
            throw Refusal(
                .base(400, "Failed to build pipeline metadata! Name is too long (maximum is 255 characters)"))
        }
        return name.isEmpty ? nil : name
    }

    /// Puts values in the place of `$NAME` and `${NAME}`; a name without a value leaves nothing.
    private static func expanded(_ template: String, _ values: [String: String]) -> String {
        var text = ""
        var rest = template[...]
        while let dollar = rest.firstIndex(of: "$") {
            text += rest[..<dollar]
            rest = rest[dollar...].dropFirst()
            let isBraced = rest.first == "{"
            let word = (isBraced ? rest.dropFirst() : rest).prefix { $0.isASCIIAlphanumeric || $0 == "_" }
            text += values[String(word)] ?? ""
            rest = rest.dropFirst(word.count + (isBraced ? 2 : 0))
        }
        return text + rest
    }

    private static func stripped(_ text: String) -> String {
        let start = text.drop { $0.isWhitespace }
        let end = start.reversed().prefix { $0.isWhitespace }.count
        return String(start.dropLast(end))
    }
}

extension Character {
    /// One of `A-Z`, `a-z`, `0-9`.
    var isASCIIAlphanumeric: Bool { isASCII && (isLetter || isNumber) }
}
