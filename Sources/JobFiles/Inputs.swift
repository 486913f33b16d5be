import Scheduling
import Text

/// Reading `inputs`: a map of typed values.
extension JobReader {
    mutating func inputs(_ pair: Pair) -> [Input] {
        guard case .map(let entries) = pair.value.content else {
            reportNoMap(pair)
            return []
        }
        return entries.compactMap { entry in
            let isName = check(inputName: entry)
            guard let value = value(entry.value, of: entry), isName else { return nil }
            return Input(name: entry.key, value: value)
        }
    }

    private mutating func reportNoMap(_ pair: Pair) {
        if case .refused = pair.value.content { return }
        if case .scalar = pair.value.content, scalar(pair) == nil { return }
        findings.report(at: pair.value.start, "'inputs' must be a map", hint: "inputs: {name: value}")
    }

    private mutating func check(inputName entry: Pair) -> Bool {
        let name = entry.key.unicodeScalars
        guard !name.isEmpty, name.count <= Limits.keyCharacters, name.allSatisfy(\.isPrintable) else {
            findings.report(at: entry.place, "\(entry.key.quoted) cannot be the name of an input")
            return false
        }
        return true
    }

    /// Quoted text is text; plain `true` and `false` are booleans, plain numbers of JSON's form numbers, and
    /// everything else is text (`08`, `1.2.3`, `yes`).
    private mutating func value(_ node: Node, of entry: Pair) -> InputValue? {
        switch node.content {
        case .scalar:
            guard let scalar = anyText(Pair(key: entry.key, place: entry.place, value: node)) else {
                return nil
            }
            return InputValue(scalar)
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
        case let text where text.isJSONNumber: self = .number(text)
        case let text: self = .text(text)
        }
    }
}

extension String {
    /// `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`, which can be sent as a number as it stands.
    fileprivate var isJSONNumber: Bool {
        var rest = Substring(self).utf8
        rest.drop("-")
        let whole = rest.dropDigits()
        guard whole == 1 || (whole > 1 && !drop("-").hasPrefix("0")) else { return false }
        if rest.drop("."), rest.dropDigits() == 0 { return false }
        if rest.drop("eE") {
            rest.drop("+-")
            guard rest.dropDigits() > 0 else { return false }
        }
        return rest.isEmpty
    }

    private func drop(_ sign: Character) -> Substring {
        first == sign ? dropFirst() : self[...]
    }
}

extension Substring.UTF8View {
    /// Drops the first byte if it is one of these.
    @discardableResult
    fileprivate mutating func drop(_ signs: StaticString) -> Bool {
        let isSign = first.map { byte in signs.withUTF8Buffer { $0.contains(byte) } } ?? false
        if isSign { removeFirst() }
        return isSign
    }

    /// Drops the digits in front; how many they were.
    fileprivate mutating func dropDigits() -> Int {
        let rest = drop { (0x30...0x39).contains($0) }
        defer { self = rest }
        return count - rest.count
    }
}
