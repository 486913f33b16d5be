public import Text

/// What a pipeline is created from: the body of `POST /projects/:id/pipeline`.
public struct PipelineOrder: Hashable, Sendable {
    /// Branch or tag; GitLab takes no commit here.
    public var ref: String
    public var variables: [Variable]
    /// In this order; empty: left out, as GitLab before 17.10 does not know them.
    public var inputs: [Input]

    public init(ref: String, variables: [Variable] = [], inputs: [Input] = []) {
        self.ref = ref
        self.variables = variables
        self.inputs = inputs
    }

    /// The body as JSON. `variables` and `inputs` appear only when there are any.
    public var json: [UInt8] {
        var writer = JSONWriter(.compact)
        writer.object {
            $0.member("ref", ref)
            if !variables.isEmpty {
                $0.name("variables")
                $0.array(variables) { $0.write($1) }
            }
            guard !inputs.isEmpty else { return }
            $0.name("inputs")
            $0.object { writer in
                for input in inputs {
                    writer.name(input.name)
                    writer.write(input.value)
                }
            }
        }
        return writer.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func write(_ variable: Variable) {
        object {
            $0.member("key", variable.key)
            $0.member("value", variable.value)
            if variable.kind != .environment { $0.member("variable_type", variable.kind.rawValue) }
        }
    }

    mutating func write(_ value: InputValue) {
        switch value {
        case .text(let text): string(text)
        case .number(let spelling): spelling.utf8.isJSONNumber ? raw(spelling) : string(spelling)
        case .boolean(let boolean): raw(boolean ? "true" : "false")
        case .array(let values): array(values) { $0.write($1) }
        }
    }
}
