import Scheduling
import Text

/// Reads `inputs`: a map of typed values.
extension JobReader {
    mutating func inputs(_ pair: Pair) -> [Input] {
        let entries = entries(pair, hint: "inputs: {name: value}")
        if entries.count > Limits.inputs {
            findings.report(
                at: pair.place, "\(entries.count) inputs: GitLab takes at most \(Limits.inputs)",
                hint: "a list as the value of one of them")
        }
        return entries.compactMap { entry in
            let isName = check(inputName: entry)
            guard let value = value(entry.value, of: entry), isName else { return nil }
            return Input(name: entry.key, value: value)
        }
    }

    private mutating func check(inputName entry: Pair) -> Bool {
        let name = entry.key.unicodeScalars
        guard !name.isEmpty, name.count <= Limits.keyCharacters, name.allSatisfy(\.isPrintable) else {
            findings.report(at: entry.place, "\(entry.key.quoted) cannot be the name of an input")
            return false
        }
        guard !Self.marks.contains(entry.key) else {
            findings.report(
                at: entry.place, "\(entry.key.quoted) is reserved: orchestrate sets this input itself",
                hint: "another name")
            return false
        }
        return true
    }

    /// The inputs that orchestrate sets where its marks travel as inputs.
    static let marks = Set(MarkInput.allCases.map(\.rawValue))

    /// A job's variables may travel as inputs of the same names.
    mutating func reportSharedNames(_ draft: Draft) {
        guard let place = draft.inputs else { return }
        let variables = Set(draft.job.variables.map(\.key))
        for input in draft.job.inputs where variables.contains(input.name) {
            findings.report(
                at: place, "\(input.name.quoted) is in both 'inputs' and 'variables'",
                hint: "keep one of the two: where a project forbids variables, they travel as inputs")
        }
    }

    /// Quoted text is text. Plain `true` and `false` are booleans, and plain numbers in JSON's form are numbers.
    /// Everything else is text (`08`, `1.2.3`, `yes`).
    private mutating func value(_ node: Node, of entry: Pair) -> InputValue? {
        switch node.content {
        case .scalar:
            return anyText(Pair(key: entry.key, place: entry.place, value: node)).map(InputValue.init)
        case .list(let items):
            let values = items.compactMap { value($0, of: entry) }
            return values.count == items.count ? .array(values) : nil
        case .map:
            findings.report(
                at: node.start, "\(entry.key.quoted) is a map; inputs are text, numbers, booleans and lists")
            return nil
        case .refused: return nil
        }
    }
}

extension InputValue {
    fileprivate init(_ scalar: Scalar) {
        switch scalar.text {
        case _ where scalar.style != .plain: self = .text(scalar.text)
        case "true", "True", "TRUE": self = .boolean(true)
        case "false", "False", "FALSE": self = .boolean(false)
        case let text where text.utf8.isJSONNumber: self = .number(text)
        case let text: self = .text(text)
        }
    }
}
