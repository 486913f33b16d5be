/// Writes JSON text piece by piece; the same calls give the same bytes. To write an object or an array, pass a closure
/// that writes its members or elements. The writer adds commas and line breaks.
public struct JSONWriter {
    public enum Layout: Sendable {
        /// One line without blanks, for programs. Escapes only what JSON requires.
        case compact
        /// One member or element a line, indented by two blanks a level, for people too. Also escapes what controls a
        /// terminal and what ends a line of JavaScript.
        case indented
    }

    public private(set) var bytes: [UInt8] = []
    private let layout: Layout
    private var depth = 0
    /// Whether the innermost open list has no entry yet.
    private var isEmpty = true

    public init(_ layout: Layout) { self.layout = layout }

    public mutating func object(_ members: (inout JSONWriter) -> Void) {
        open("{")
        members(&self)
        close("}")
    }

    public mutating func array<Element>(
        _ elements: some Sequence<Element>, _ write: (inout JSONWriter, Element) -> Void
    ) {
        open("[")
        for element in elements {
            separate()
            write(&self, element)
        }
        close("]")
    }

    /// Begins a member of an object. The caller writes its value next.
    public mutating func name(_ name: String) {
        separate()
        string(name)
        raw(layout == .compact ? ":" : ": ")
    }

    /// Writes a member that is a text; writes nothing if it is nil.
    public mutating func member(_ name: String, _ text: String?) {
        guard let text else { return }
        self.name(name)
        string(text)
    }

    /// Writes a value that is already spelled: a number, `true`, `false` or `null`.
    public mutating func raw(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    public mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        let isPlain = text.withUTF8 { utf8 in
            let isPlain = !utf8.contains(where: layout == .compact ? Self.needsEscape : Self.mayNeedEscape)
            if isPlain { bytes.append(contentsOf: utf8) }
            return isPlain
        }
        if !isPlain { for scalar in text.unicodeScalars { escaped(scalar) } }
        bytes.append(UInt8(ascii: "\""))
    }
}

extension JSONWriter {
    private mutating func open(_ bracket: Unicode.Scalar) {
        bytes.append(UInt8(ascii: bracket))
        depth += 1
        isEmpty = true
    }

    private mutating func close(_ bracket: Unicode.Scalar) {
        depth -= 1
        if !isEmpty { breakLine() }
        bytes.append(UInt8(ascii: bracket))
        isEmpty = false
    }

    private mutating func separate() {
        if !isEmpty { bytes.append(UInt8(ascii: ",")) }
        isEmpty = false
        breakLine()
    }

    private mutating func breakLine() {
        guard layout == .indented else { return }
        bytes.append(UInt8(ascii: "\n"))
        for _ in 0..<depth { bytes.append(contentsOf: "  ".utf8) }
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// 0xC2 and 0xE2 begin the controls and the separators beyond ASCII.
    private static func mayNeedEscape(_ byte: UInt8) -> Bool {
        needsEscape(byte) || byte == 0x7F || byte == 0xC2 || byte == 0xE2
    }

    private mutating func escaped(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "\"": raw("\\\"")
        case "\\": raw("\\\\")
        case "\n": raw("\\n")
        case "\r": raw("\\r")
        case "\t": raw("\\t")
        case _ where scalar.value < 0x20 || (layout == .indented && Self.isObeyed(scalar)):
            let digits = String(scalar.value, radix: 16)
            raw("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
        default: bytes.append(contentsOf: scalar.utf8)
        }
    }

    /// Whether the character controls a terminal, or ends a line of JavaScript.
    private static func isObeyed(_ scalar: Unicode.Scalar) -> Bool {
        (0x7F...0x9F).contains(scalar.value) || (0x2028...0x2029).contains(scalar.value)
    }
}
