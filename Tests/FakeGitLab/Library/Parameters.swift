/// The parameters of a request as Rails sees them: query, form and JSON body merged into one object.
enum Parameters {
    /// Rack refuses deeper names. Here the rest of the name counts as one step.
    private static let deepest = 32

    /// Nil if the body claims to be JSON and is not a JSON object.
    static func of(_ request: FakeRequest) -> FakeJSON? {
        let fromQuery = nested(request.query)
        guard !request.body.isEmpty else { return fromQuery }
        let type = request.header("Content-Type") ?? ""
        if type.hasPrefix("application/x-www-form-urlencoded") {
            let text = String(decoding: request.body, as: UTF8.self)
            return nested(request.query + pairs(Substring(text)))
        }
        guard case .object(let members)? = FakeJSON(parsing: request.body) else { return nil }
        let names = Set(members.map(\.name))
        return .object(fromQuery.members.filter { !names.contains($0.name) } + members)
    }

    /// Splits `a=1&b=2` and decodes both sides. `+` is a blank.
    static func pairs(_ text: Substring) -> [(String, String)] {
        text.split(separator: "&").map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (
                decoded(sides[0], plusIsBlank: true),
                sides.count > 1 ? decoded(sides[1], plusIsBlank: true) : ""
            )
        }
    }

    /// Percent-decoding. A malformed escape stays as it is.
    static func decoded(_ text: Substring, plusIsBlank: Bool = false) -> String {
        var output: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+") where plusIsBlank: output.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let value = UInt8(Substring(rest.prefix(2)), radix: 16), rest.count >= 2 else {
                    output.append(byte)
                    continue
                }
                output.append(value)
                rest = rest.dropFirst(2)
            default: output.append(byte)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Percent-encodes everything but the unreserved characters, as Rails does in a query.
    static func encoded(_ text: String) -> String {
        var output = ""
        for byte in text.utf8 {
            let scalar = Unicode.Scalar(byte)
            if scalar.isASCII,
                Character(scalar).isLetter || Character(scalar).isNumber || "-_.~".contains(Character(scalar))
            {
                output.unicodeScalars.append(scalar)
            } else {
                output += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return output
    }

    /// Reads names such as `variables[][key]=A`: a name, then `[]` for an array or `[name]` for an object.
    static func nested(_ pairs: [(String, String)]) -> FakeJSON {
        pairs.reduce(FakeJSON.object([])) { tree, pair in
            let name = pair.0.prefix { $0 != "[" }
            let steps = pair.0.dropFirst(name.count).split(separator: "]", maxSplits: deepest)
                .map { $0.dropFirst() }
            return insert(.string(pair.1), into: tree, at: [name] + steps)
        }
    }

    private static func insert(_ value: FakeJSON, into tree: FakeJSON, at path: [Substring]) -> FakeJSON {
        guard let step = path.first else { return value }
        let rest = Array(path.dropFirst())
        guard step.isEmpty else {
            var members = tree.members
            if let index = members.firstIndex(where: { $0.name == step }) {
                members[index].value = insert(value, into: members[index].value, at: rest)
            } else {
                members.append(.init(String(step), insert(value, into: .null, at: rest)))
            }
            return .object(members)
        }
        var elements = tree.elements
        // As in Rack: if the last element already has the name, a new element starts.
        if let last = elements.last, let name = rest.first, !last.names.contains(String(name)) {
            elements[elements.count - 1] = insert(value, into: last, at: rest)
        } else {
            elements.append(insert(value, into: .null, at: rest))
        }
        return .array(elements)
    }
}
