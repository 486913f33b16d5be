import Text

/// Reads the job's name and description, the ref and the project.
extension JobReader {
    /// The job's name. It is part of the run id and of GitLab's pipeline name. In the latter, GitLab replaces `$NAME`
    /// and `%NAME%`, so `@`, `$` and `%` would change the text.
    mutating func pipelineName(_ pair: Pair) -> String? {
        guard let scalar = text(pair, limit: Limits.nameCharacters) else { return nil }
        let name = scalar.text
        guard name.first != " ", name.last != " " else {
            return refuse(
                pair, "must not begin or end with a blank", hint: name.withoutOuterBlanks.quoted)
        }
        let hint = "letters, digits, blanks, and signs other than @ $ % \\"
        return hasOnly(scalar, of: pair, hint: hint) { $0.isNameCharacter } ? name : nil
    }

    mutating func details(_ pair: Pair) -> String? {
        text(pair, limit: Limits.descriptionCharacters, allowing: ["\n", "\t"])?.text
    }

    /// A branch or tag.
    mutating func ref(_ pair: Pair) -> String? {
        guard let scalar = text(pair, limit: Limits.refCharacters) else { return nil }
        let name = scalar.text
        let hint = "the name of a branch or a tag"
        guard hasOnly(scalar, of: pair, hint: hint, \.isRefCharacter) else { return nil }
        guard !name.isRef else { return name }
        findings.report(at: pair.value.start, "\(name.quoted) cannot be the name of a branch or a tag")
        return nil
    }

    /// A project's number or its full path.
    mutating func project(_ pair: Pair) -> String? {
        guard let name = text(pair, limit: Limits.projectCharacters)?.text else { return nil }
        guard !name.isProject else { return name }
        findings.report(
            at: pair.value.start, "\(name.quoted) is neither a project's number nor its full path",
            hint: name.contains("://") ? "the path only, such as group/project" : "12345, or group/project")
        return nil
    }
}

/// The rules for a pipeline's project and ref. They are the same for job files and for the environment.
extension String {
    /// Whether this can be a branch or a tag, by the rules of `git check-ref-format` that a typing error can break.
    public var isRef: Bool {
        let scalars = unicodeScalars
        return (1...Limits.refCharacters).contains(scalars.count)
            && scalars.allSatisfy { $0.isPrintable && $0.isRefCharacter }
            && !["..", "@{", "//"].contains { utf8.contains($0.utf8) }
            && !hasPrefix("/") && !hasSuffix("/") && !hasPrefix("-") && !hasSuffix(".")
    }

    /// Whether this can be a project: its number, or its full path of at least two parts with the characters that
    /// GitLab allows in paths. `042` is no number here: GitLab takes it for 42, and one project must not have two
    /// names.
    public var isProject: Bool {
        guard unicodeScalars.count <= Limits.projectCharacters else { return false }
        guard !isDigits else { return (Int64(self) ?? 0) > 0 && !hasPrefix("0") }
        let parts = utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return parts.count > 1 && parts.allSatisfy(\.isPathPart)
    }
}

extension Unicode.Scalar {
    fileprivate var isRefCharacter: Bool { !" ~^:?*[\\".unicodeScalars.contains(self) }

    fileprivate var isNameCharacter: Bool {
        switch self {
        case "@", "$", "%", "\\": false
        case " "..."~": true
        default: !properties.isWhitespace
        }
    }
}

extension String {
    var withoutOuterBlanks: String {
        let head = drop { $0 == " " }
        return String(String(head.reversed()).drop { $0 == " " }.reversed())
    }
}

extension Substring.UTF8View {
    fileprivate var isPathPart: Bool {
        let isDots = first == UInt8(ascii: ".") && count < 3 && last == first
        guard let first, first != UInt8(ascii: "-"), !isDots else { return false }
        return allSatisfy { byte in
            byte.isKeyByte || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
        }
    }
}

extension UInt8 {
    /// An ASCII letter, a digit or `_`.
    var isKeyByte: Bool { isLetter || isDigit || self == UInt8(ascii: "_") }
}
