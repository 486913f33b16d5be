extension SyntaxError {
    /// A syntax error in plain words, at the place to correct.
    struct Explained {
        var position: Position
        var message: String
        var hint: String?

        init(_ position: Position, _ message: String, hint: String? = nil) {
            self.position = position
            self.message = message
            self.hint = hint
        }
    }

    /// libyaml's message, in plain words for the common errors.
    func explained(in source: SourceText) -> Explained {
        if isOwn { return Explained(position, message) }
        if let offset { return unreadable(at: offset, in: source) }
        let start = contextPosition ?? position
        let conflict = [start.line, start.line - 1, position.line].first { source.hasConflictMarker(at: $0) }
        if let conflict {
            return Explained(
                Position(line: conflict, column: 1), "this is a marker of a merge conflict",
                hint: "resolve the conflict")
        }
        return explainedStart(in: source) ?? explainedQuote(in: source) ?? explainedStructure()
            ?? Explained(
                position, "this is not YAML: " + (context.isEmpty ? message : "\(context): \(message)"))
    }

    /// Explains values that begin with a special character of YAML.
    private func explainedStart(in source: SourceText) -> Explained? {
        let start = contextPosition ?? position
        let first = source.rest(from: position)?.first
        switch message {
        case "found character that cannot start any token" where first != "\t":
            return needsQuotes(at: position, in: source)
        case "did not find expected alphabetic or numeric character":
            return needsQuotes(at: start, in: source)
        case "did not find expected node content":
            return needsQuotes(at: position, in: source)
        case "found character that cannot start any token",
            "found a tab character that violates indentation",
            "found a tab character where an indentation space is expected":
            return Explained(position, "a tab cannot be used to indent", hint: "use spaces")
        default: return nil
        }
    }

    private func needsQuotes(at position: Position, in source: SourceText) -> Explained {
        guard let rest = source.rest(from: position), let first = rest.first else {
            return Explained(position, "a value is missing here")
        }
        return Explained(
            position, "a value that starts with \(String(first).quoted) has to be in quotes",
            hint: (SecretLines(source).contains(position, of: source) ? nil : rest.inQuotes)
                ?? "quotes around the value")
    }

    /// Explains quotes without an end, and errors inside quotes.
    private func explainedQuote(in source: SourceText) -> Explained? {
        let start = contextPosition ?? position
        switch message {
        case "found unexpected end of stream", "found unexpected document indicator":
            guard context.hasSuffix("quoted scalar") else { return nil }
            return Explained(start, "this quote is never closed")
        case "found unknown escape character":
            let escape = source.rest(from: position).map { String($0.prefix(2)) } ?? "\\"
            return Explained(
                position, "\(escape.quoted) means nothing in double quotes",
                hint: "single quotes, or '\\\\' for a backslash")
        default: return nil
        }
    }

    /// Explains errors of keys, lists and indentation.
    private func explainedStructure() -> Explained? {
        let start = contextPosition ?? position
        let begun = "\(start.line):\(start.column)"
        switch message {
        case "mapping values are not allowed in this context":
            return Explained(
                position, "a ':' is not expected here",
                hint: "quotes around a value with ': ' in it; else look at the indentation and the line above"
            )
        case "could not find expected ':'":
            return Explained(start, "this is neither 'key: value' nor the continuation of a value")
        case "did not find expected key":
            return Explained(
                position, "a key of the map that begins at \(begun) is expected here",
                hint: "look at the indentation, and at the quotes before this place")
        case "did not find expected '-' indicator":
            return Explained(
                position, "an item ('- ...') of the list that begins at \(begun) is expected here")
        case "did not find expected ',' or ']'", "did not find expected ',' or '}'":
            let close = message.hasSuffix("']'") ? "]" : "}"
            return Explained(position, "',' or '\(close)' is expected here, for what begins at \(begun)")
        case "block sequence entries are not allowed in this context":
            return Explained(
                position, "a list item ('- ...') is not expected here",
                hint: "begin the list on a line of its own, or put the value into quotes")
        case "did not find expected <document start>":
            return Explained(
                position, "something follows the end of the document",
                hint: "a line with '---' between two jobs")
        default: return nil
        }
    }

    /// Explains bytes that are not UTF-8, and characters that YAML forbids.
    private func unreadable(at offset: Int, in source: SourceText) -> Explained {
        let place = source.position(ofByte: source.startOfCharacter(at: offset))
        if message == "control characters are not allowed" {
            return Explained(place, "the control character \(value.codePoint) is not allowed")
        }
        let isUTF16 = source.bytes.starts(with: [0xFF, 0xFE]) || source.bytes.starts(with: [0xFE, 0xFF])
        return Explained(
            place, isUTF16 ? "the file is UTF-16" : "this is not UTF-8 (\(message))",
            hint: "save the file as UTF-8")
    }
}

extension SourceText {
    fileprivate func hasConflictMarker(at number: Int) -> Bool {
        let text = line(number)
        return ["<<<<<<< ", "=======", ">>>>>>> "].contains { text.hasPrefix($0) }
    }
}

extension Substring.UnicodeScalarView {
    /// The rest of a line as a single-quoted value, without a comment; nil: it has quotes itself.
    fileprivate var inQuotes: String? {
        var text: [Unicode.Scalar] = []
        for scalar in self {
            if scalar == "#", text.last == " " { break }
            text.append(scalar)
        }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        guard !text.isEmpty, !text.contains("'") else { return nil }
        return String(String.UnicodeScalarView(text)).quoted
    }
}
