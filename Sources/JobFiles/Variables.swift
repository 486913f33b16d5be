import Text

/// Reads `variables`: a map of texts, or a list of `{key, value[, variable_type]}`.
extension JobReader {
    mutating func variables(_ pair: Pair) -> [Variable] {
        switch pair.value.content {
        case .map(let entries): return entries.compactMap { variable($0) }
        case .list(let items): return variables(items)
        case .scalar:
            guard scalar(pair) != nil else { return [] }
            findings.report(
                at: pair.value.start, "'variables' must be a map or a list, not a single value",
                hint: "variables: {NAME: 'value'}")
        case .refused: break
        }
        return []
    }

    private mutating func variable(_ entry: Pair) -> Variable? {
        let isKey = check(key: entry.key, at: entry.place)
        if case .map = entry.value.content {
            let hint = "for a variable with a type, a list of {key, value, variable_type}"
            return refuse(entry, "must be a single value, not a map", hint: hint)
        }
        let shown = Pair(key: entry.key.nameAlone, place: entry.place, value: entry.value)
        guard let value = anyText(shown)?.text, isKey else { return nil }
        return checked(Variable(key: entry.key, value: value), at: entry.value.start)
    }

    private mutating func variables(_ items: [Node]) -> [Variable] {
        var places: [String: Position] = [:]
        return items.compactMap { item in
            guard let (variable, place) = variable(item) else { return nil }
            if let first = places[variable.key] {
                findings.report(
                    at: place,
                    "duplicate variable \(variable.key.quoted), first at \(first.line):\(first.column)",
                    hint: "remove one of the two")
                return nil
            }
            places[variable.key] = place
            return variable
        }
    }

    /// One item of the list, and the position of its key.
    private mutating func variable(_ item: Node) -> (Variable, Position)? {
        guard case .map(let fields) = item.content else {
            if case .refused = item.content { return nil }
            findings.report(
                at: item.start, "a variable in a list is a map", hint: "- {key: NAME, value: 'value'}")
            return nil
        }
        var key: (text: String, place: Position)?
        var value: (text: String, place: Position)?
        var kind: Variable.Kind? = .environment
        for field in fields {
            switch field.key {
            case "key": key = scalar(field).map { ($0.text, field.value.start) }
            case "value": value = anyText(field).map { ($0.text, field.value.start) }
            case "variable_type": kind = choice(field)
            default: reportUnknown(field)
            }
        }
        reportMissing(in: fields, at: item.start)
        guard let key, check(key: key.text, at: key.place), let value, let kind else { return nil }
        return checked(Variable(key: key.text, value: value.text, kind: kind), at: value.place)
            .map { ($0, key.place) }
    }

    private mutating func reportUnknown(_ field: Pair) {
        let known = ["key", "value", "variable_type"]
        findings.report(
            at: field.place, "unknown key \(field.key.nameAlone.quoted) in a variable",
            hint: field.key.nearest(among: known) ?? "one of \(known.joined(separator: ", "))")
    }

    private mutating func reportMissing(in fields: [Pair], at start: Position) {
        for name in ["key", "value"] where !fields.contains(where: { $0.key == name }) {
            findings.report(
                at: start, "the key '\(name)' of a variable is missing", hint: "{key: NAME, value: 'value'}")
        }
    }

    /// Whether GitLab and a shell accept the name, and orchestrate does not set it itself.
    private mutating func check(key: String, at place: Position) -> Bool {
        guard Variable.isName(key), key.utf8.count <= Limits.keyCharacters else {
            findings.report(
                at: place, "\(key.nameAlone.quoted) cannot be the name of a variable",
                hint: "letters, digits and '_', no digit first, at most \(Limits.keyCharacters) characters")
            return false
        }
        guard !key.hasPrefix("ORCHESTRATE_") else {
            findings.report(
                at: place, "\(key.quoted) is reserved: orchestrate sets the variables named ORCHESTRATE_…",
                hint: "another name")
            return false
        }
        guard !Self.marks.contains(key) else {
            findings.report(
                at: place, "\(key.quoted) is reserved: orchestrate sets an input of this name itself",
                hint: "another name")
            return false
        }
        return true
    }

    /// The variable, if a CI job can start with it.
    private mutating func checked(_ variable: Variable, at place: Position) -> Variable? {
        guard !variable.value.utf8.contains(0) else {
            findings.report(at: place, "the value of \(variable.key.quoted) contains a NUL character")
            return nil
        }
        // The '=' and the NUL at the end count too.
        let bytes = variable.key.utf8.count + variable.value.utf8.count + 2
        guard variable.kind == .file || bytes <= Limits.environmentBytes else {
            findings.report(
                at: place,
                "\(variable.key.quoted) is too long for an environment variable: with its name over 128 KiB",
                hint: "- {key: \(variable.key), variable_type: file, value: ...}")
            return nil
        }
        return variable
    }
}

extension String {
    /// For messages: of a key such as `NAME=value` or `NAME value`, only the name.
    fileprivate var nameAlone: String {
        let name = prefix { !"=: \t".contains($0) }
        return name.endIndex == endIndex ? self : "\(name)…"
    }
}
