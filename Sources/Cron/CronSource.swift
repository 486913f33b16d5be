import Text

/// The text of an expression, as bytes to read and as a string with columns.
struct CronSource {
    let text: String
    let bytes: [UInt8]

    init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    /// The text of a range of bytes.
    func text(_ range: Range<Int>) -> String {
        let range = range.clamped(to: bytes.indices)
        return String(decoding: bytes[range], as: UTF8.self)
    }

    /// The same, quoted for a message.
    func quoted(_ range: Range<Int>) -> String { Spelling.quoted(text(range)) }

    /// The whole character that begins at a byte.
    func quotedCharacter(at position: Int) -> String {
        let character = text(position..<bytes.count).first
        return Spelling.quoted(character.map(String.init) ?? "")
    }

    func error(
        at position: Int, in field: FieldKind? = nil, _ message: String, hint: String? = nil
    ) -> CronError {
        CronError(column: column(at: position), field: field?.name, message: message, hint: hint)
    }

    /// Columns count characters from 1, as people and editors do.
    func column(at position: Int) -> Int { text(0..<position).count + 1 }
}

extension UInt8 {
    /// Whether the byte separates fields.
    var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
    /// Whether the byte may stand around an expression.
    var isBlankOrLineEnd: Bool { isBlank || self == UInt8(ascii: "\n") || self == UInt8(ascii: "\r") }
}
