import Text

/// What a pipeline is created from: the body of `POST /projects/:id/pipeline`.
public struct PipelineOrder: Hashable, Sendable {
    /// A pipeline variable; GitLab knows only text as its value.
    public struct Variable: Hashable, Sendable {
        public enum Kind: String, Sendable, CaseIterable {
            case environment = "env_var"
            case file
        }

        public var key: String
        public var value: String
        public var kind: Kind

        public init(key: String, value: String, kind: Kind = .environment) {
            self.key = key
            self.value = value
            self.kind = kind
        }
    }

    /// A typed input (`spec:inputs` of the CI file; GitLab 18.1 and later).
    public struct Input: Hashable, Sendable {
        public var name: String
        public var value: InputValue

        public init(name: String, value: InputValue) {
            self.name = name
            self.value = value
        }
    }

    public enum InputValue: Hashable, Sendable {
        case text(String)
        /// Sent exactly as spelled, so that `1.10` stays `1.10`. A spelling that is no number of JSON
        /// (`08`, `0x1F`) is sent as text, and GitLab judges it.
        case number(String)
        case boolean(Bool)
        case array([InputValue])
    }

    /// Branch or tag; GitLab takes no commit here.
    public var ref: String
    public var variables: [Variable]
    /// In this order; empty: left out, as GitLab before 18.1 does not know them.
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
    fileprivate mutating func write(_ variable: PipelineOrder.Variable) {
        object {
            $0.member("key", variable.key)
            $0.member("value", variable.value)
            if variable.kind != .environment { $0.member("variable_type", variable.kind.rawValue) }
        }
    }

    fileprivate mutating func write(_ value: PipelineOrder.InputValue) {
        switch value {
        case .text(let text): string(text)
        case .number(let spelling):
            JSON.isNumber(Array(spelling.utf8)[...]) ? raw(spelling) : string(spelling)
        case .boolean(let boolean): raw(boolean ? "true" : "false")
        case .array(let values): array(values) { $0.write($1) }
        }
    }
}
