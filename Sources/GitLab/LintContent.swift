public import Text

/// A text to lint: a project's CI file, as a pipeline with these inputs and variables would see it.
///
/// Variables of a CI file rank above the predefined ones, so that rules see a pipeline of the API
/// (`lib/gitlab/ci/variables/builder.rb`).
public struct LintContent: Sendable {
    /// `ci_config_path` of the project; nil: the usual place.
    public var file: String?
    public var inputs: [Input]
    public var variables: [Variable]

    public init(file: String?, inputs: [Input] = [], variables: [Variable] = []) {
        self.file = file
        self.inputs = inputs
        self.variables = variables
    }

    /// Every value is in JSON's quotes, which YAML knows too.
    public var yaml: String {
        var lines = ["include:"] + include
        if !inputs.isEmpty { lines.append("    inputs:") }
        lines += inputs.map { "      \(Self.quoted($0.name)): \(Self.json { $0.write($1) }($0.value))" }
        if !variables.isEmpty { lines.append("variables:") }
        lines += variables.map { "  \($0.key): \(Self.quoted($0.value))" }
        return lines.joined(separator: "\n") + "\n"
    }

    /// `.gitlab-ci.yml`, `https://host/ci.yml`, `ci.yml@group/project` or `ci.yml@group/project:ref`.
    private var include: [String] {
        let file = file ?? ".gitlab-ci.yml"
        if file.hasPrefix("http://") || file.hasPrefix("https://") {
            return ["  - remote: \(Self.quoted(file))"]
        }
        guard let (path, place) = file.cut(at: "@") else { return ["  - local: \(Self.quoted(file))"] }
        let (project, ref) = place.cut(at: ":") ?? (place, "")
        return ["  - project: \(Self.quoted(String(project)))", "    file: \(Self.quoted(String(path)))"]
            + (ref.isEmpty ? [] : ["    ref: \(Self.quoted(String(ref)))"])
    }

    private static func quoted(_ text: String) -> String { json { $0.string($1) }(text) }

    private static func json<Value>(_ write: @escaping (inout JSONWriter, Value) -> Void) -> (Value) -> String
    {
        { value in
            var writer = JSONWriter(.compact)
            write(&writer, value)
            return String(decoding: writer.bytes, as: UTF8.self)
        }
    }
}
