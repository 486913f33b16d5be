import JobFiles

/// What a scheduler needs to know of a CI file with all that it includes. Scripts are not looked at.
struct CIFile {
    private let root: YAMLValue
    private let variables: [String: YAMLValue]

    /// nil: no text, or no YAML.
    init?(_ text: String?) {
        guard let text, let root = YAMLValue.read(text), case .map = root else { return nil }
        self.root = root
        var variables: [String: YAMLValue] = [:]
        let workflow = root["workflow"]?.rules ?? []
        for source in [root["variables"]] + workflow.map({ $0["variables"] }) {
            if case .map(let pairs)? = source { variables.merge(pairs) { _, later in later } }
        }
        self.variables = variables
    }

    /// Whether the file names its pipelines at all.
    var pipelineName: String? { root["workflow"]?["name"]?.text }

    /// The name of a pipeline with the file's own variables put in, all but the run id where pipelines get it as a
    /// variable.
    func pipelineName(keeping kept: String?) -> String? {
        guard var name = pipelineName else { return nil }
        // A variable may hold another one, which may hold the run id.
        for _ in 0..<3 { name = expanded(name, keeping: kept) }
        return name
    }

    private func expanded(_ text: String, keeping kept: String?) -> String {
        var text = text
        for (key, value) in variables.sorted(by: { $0.key.count > $1.key.count }) where key != kept {
            let value = value.text ?? value["value"]?.text ?? ""
            text = text.replacing("${\(key)}", with: value).replacing("$\(key)", with: value)
        }
        return text
    }

    /// Whether a newer commit leaves the pipelines of the scheduler alone.
    var sparesRuns: Bool {
        if root["workflow"]?["auto_cancel"]?["on_new_commit"]?.text == "none" { return true }
        return (root["workflow"]?.rules ?? []).contains { rule in
            rule["auto_cancel"]?["on_new_commit"]?.text == "none"
                && (rule["if"]?.text.map { $0.contains("ORCHESTRATE_") } ?? true)
        }
    }

    /// What the lint judges as for a push, though a pipeline of the API is meant: these rules may decide otherwise then.
    var judgedAsPush: [String] {
        var found: Set<String> = []
        for name in root.keys where !name.hasPrefix(".") {
            guard let part = root[name] else { continue }
            found.formUnion(["only", "except"].filter { part[$0] != nil })
            // What follows a rule that keeps runs out, as in `scheduler-ci.yml`, decides about other pipelines only.
            for rule in part.rules.prefix(while: { !$0.keepsRunsOut }) {
                found.formUnion(["changes", "exists"].filter { rule[$0] != nil }.map { "rules:\($0)" })
            }
        }
        return found.sorted()
    }

    func job(_ name: String) -> YAMLValue? { root[name].flatMap { $0.keys.isEmpty ? nil : $0 } }

    /// A setting of a job, or what `default` says of it.
    func setting(_ key: String, of job: YAMLValue) -> YAMLValue? {
        if let own = job[key] { return own }
        if let inherited = job["inherit"]?["default"], !inherited.lets(key) { return nil }
        return root["default"]?[key] ?? (key == "cache" ? root["cache"] : nil)
    }

    /// Whether only a pipeline with ORCHESTRATE_START starts this job when a schedule creates it.
    func wantsStart(_ job: YAMLValue) -> Bool {
        let conditions = job.rules.compactMap { $0["if"]?.text }
        return conditions.contains { $0.contains("$ORCHESTRATE_START") }
            && !conditions.contains { $0.contains("schedule") }
    }
}

extension YAMLValue {
    /// The rules of a job or of `workflow`. GitLab puts the rules that a `!reference` names into a list of their own.
    fileprivate var rules: [YAMLValue] { self["rules"]?.leaves ?? [] }

    /// Whether `inherit: default` lets a job inherit a key: a word for all of them, or a list of keys.
    fileprivate func lets(_ key: String) -> Bool {
        if case .list(let keys) = self { keys.contains { $0.text == key } } else { text != "false" }
    }

    private var leaves: [YAMLValue] {
        if case .list(let items) = self { items.flatMap(\.leaves) } else { [self] }
    }

    /// A rule such as `if: $ORCHESTRATE_JOB_NAME` with `when: never`.
    fileprivate var keepsRunsOut: Bool {
        guard self["when"]?.text == "never", let condition = self["if"]?.text else { return false }
        return condition == "$ORCHESTRATE_JOB_NAME" || condition == "$ORCHESTRATE_JOB == \"true\""
    }
}
