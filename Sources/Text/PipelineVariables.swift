/// A pipeline variable. The value is text, exactly as the job file has it, because GitLab knows no other values.
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

    /// Whether GitLab and a shell accept the text as the name of a variable.
    public static func isName(_ key: some StringProtocol) -> Bool {
        let bytes = key.utf8
        return bytes.first.map { !$0.isDigit } ?? false
            && bytes.allSatisfy { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") }
    }
}

/// A named, typed pipeline input (`spec:inputs` of the CI file; GitLab 17.10 and later).
public struct Input: Hashable, Sendable {
    public var name: String
    public var value: InputValue

    public init(name: String, value: InputValue) {
        self.name = name
        self.value = value
    }
}

/// The types that `spec:inputs` knows.
public enum InputValue: Hashable, Sendable {
    case text(String)
    /// Sent exactly as spelled, so that `1.10` stays `1.10`. A spelling that is no JSON number (`08`, `0x1F`) is sent
    /// as text, and GitLab judges it.
    case number(String)
    case boolean(Bool)
    case array([InputValue])
}
