import Text

/// Finds what an error answer says, in any form that GitLab or a proxy gives it.
///
/// GitLab answers `{"message": text}`, `{"message": {field: [texts]}}`, `{"message": {"error": text}}`,
/// `{"error": text}` and `{"error": code, "error_description": text}` (`lib/api/helpers.rb`, Grape and Doorkeeper).
/// Proxies answer with HTML, plain text or nothing.
enum AnswerWords {
    /// The texts one by one, so that the caller can look for known sentences in each of them.
    static func texts(in body: [UInt8]) -> [String] {
        if let json = try? JSONReader.read(body) { return texts(in: json) }
        let text = String(decoding: body.prefix(4_096), as: UTF8.self)
        let isHTML = text.lowercased().contains("<html")
        return [isHTML ? title(ofHTML: text) : text].filter { !$0.allSatisfy(\.isWhitespace) }
    }

    /// One line of at most `limit` characters, without control characters.
    static func line(_ texts: [String], limit: Int = 300) -> String {
        let joined = texts.prefix(32).joined(separator: "; ")
        let beginning = String(joined.unicodeScalars.prefix(limit * 8))
        let line = beginning.printable().split(separator: " ").joined(separator: " ")
        return line.count > limit ? "\(line.prefix(limit))…" : line
    }

    private static func texts(in json: JSON) -> [String] {
        guard let message = json["message"] else { return errorTexts(in: json) }
        return flat(message)
    }

    private static func errorTexts(in json: JSON) -> [String] {
        guard let error = json["error"] else { return flat(json) }
        guard let description = json["error_description"]?.text else { return flat(error) }
        let scope = json["scope"]?.text.map { " (scope: \($0))" } ?? ""
        return flat(error).map { "\($0): \(description)\(scope)" }
    }

    /// All texts of a value. The texts of a field carry its name, unless the name says nothing.
    private static func flat(_ json: JSON) -> [String] {
        switch json {
        case .text(let text), .number(let text): [text]
        case .boolean(let boolean): [String(boolean)]
        case .null: []
        case .array(let elements): elements.flatMap(flat)
        case .object(let members):
            members.flatMap { member in
                let isPlain = member.name == "base" || member.name == "error"
                return flat(member.value).map { isPlain ? $0 : "\(member.name) \($0)" }
            }
        }
    }

    private static func title(ofHTML text: String) -> String {
        guard let start = text.firstRange(of: "<title>"),
            let end = text[start.upperBound...].firstRange(of: "</title>")
        else { return "an HTML page without a title" }
        return String(text[start.upperBound..<end.lowerBound])
    }
}
