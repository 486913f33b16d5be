/// A YAML value of a file that is not ours, such as a CI file: every scalar is text, and nothing is judged.
public indirect enum YAMLValue: Hashable, Sendable {
    case text(String)
    case list([YAMLValue])
    case map([String: YAMLValue])
    /// Nothing, or what is not understood.
    case null

    /// The first document; nil where the text is no YAML within the bounds of a job file.
    public static func read(_ text: String) -> YAMLValue? {
        let bytes = Array(text.utf8)
        guard bytes.count <= Limits.fileBytes else { return nil }
        var findings = Findings(source: SourceText(file: "", bytes: bytes))
        return bytes.withUnsafeBufferPointer { buffer in
            var builder = TreeBuilder(buffer)
            guard let node = try? builder.nextDocument(&findings) else { return nil }
            return YAMLValue(node)
        }
    }

    private init(_ node: Node) {
        switch node.content {
        case .scalar(let scalar): self = scalar.isNull ? .null : .text(scalar.text)
        case .list(let items): self = .list(items.map(YAMLValue.init))
        case .map(let pairs):
            self = .map(
                Dictionary(pairs.map { ($0.key, YAMLValue($0.value)) }) { first, _ in first })
        case .refused: self = .null
        }
    }

    /// The value of a key; nil for anything else.
    public subscript(key: String) -> YAMLValue? {
        if case .map(let pairs) = self { pairs[key] } else { nil }
    }

    public var text: String? { if case .text(let text) = self { text } else { nil } }

    /// The items of a list; a single value stands for itself.
    public var items: [YAMLValue] {
        switch self {
        case .list(let items): items
        case .null: []
        case .text, .map: [self]
        }
    }

    public var keys: [String] { if case .map(let pairs) = self { pairs.keys.sorted() } else { [] } }
}
