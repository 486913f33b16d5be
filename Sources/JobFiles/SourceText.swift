/// The text of one job file. It turns positions into source lines and offsets into positions.
///
/// It is used only for problems, so it searches from the start each time and keeps no index.
struct SourceText {
    let file: String
    let bytes: [UInt8]

    /// Drops a byte order mark, which editors on Windows write.
    init(file: String, bytes: [UInt8]) {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        self.file = file
        self.bytes = bytes.starts(with: mark) ? Array(bytes.dropFirst(mark.count)) : bytes
    }

    /// The length of the line break at `offset`; 0: there is none. The breaks are those of libyaml, so that line
    /// numbers agree: LF, CR, CRLF, NEL, LS and PS.
    private func lineBreak(at offset: Int) -> Int {
        let rest = bytes[offset...].prefix(3)
        if rest.starts(with: [0x0D, 0x0A]) || rest.starts(with: [0xC2, 0x85]) { return 2 }
        if rest.starts(with: [0xE2, 0x80, 0xA8]) || rest.starts(with: [0xE2, 0x80, 0xA9]) { return 3 }
        return rest.first == 0x0A || rest.first == 0x0D ? 1 : 0
    }

    /// The bytes of a 1-based line without its break; empty after the last line.
    private func range(ofLine line: Int) -> Range<Int> {
        var start = 0
        for _ in 1..<max(1, line) where start <= bytes.count { start = endOfLine(from: start).next }
        return start <= bytes.count ? start..<endOfLine(from: start).end : bytes.count..<bytes.count
    }

    /// Calls `body` for each line without its break.
    func forEachLine(_ body: (_ number: Int, _ line: ArraySlice<UInt8>) -> Void) {
        var start = 0
        var number = 1
        while start <= bytes.count {
            let (end, next) = endOfLine(from: start)
            body(number, bytes[start..<end])
            number += 1
            start = next
        }
    }

    /// The end of a line, and the start of the next one. Without a next line, both lie after all bytes.
    private func endOfLine(from start: Int) -> (end: Int, next: Int) {
        var offset = start
        while offset < bytes.count {
            let length = mayBreak(bytes[offset]) ? lineBreak(at: offset) : 0
            if length > 0 { return (offset, offset + length) }
            offset += 1
        }
        return (bytes.count, bytes.count + 1)
    }

    /// Whether a line break can begin with this byte. Most bytes need no closer look.
    private func mayBreak(_ byte: UInt8) -> Bool {
        byte == 0x0A || byte == 0x0D || byte == 0xC2 || byte == 0xE2
    }

    /// A 1-based line as text; empty: there is none.
    func line(_ number: Int) -> String {
        String(decoding: bytes[range(ofLine: number)], as: UTF8.self)
    }

    /// The beginning of a line, at least this number of characters: a line may be as long as the file.
    private func beginning(ofLine number: Int, characters: Int) -> String {
        // A character takes at most four bytes.
        String(decoding: bytes[range(ofLine: number)].prefix(4 * (characters + 1)), as: UTF8.self)
    }

    /// The line from a position on; nil: the position lies after its end.
    func rest(from position: Position) -> Substring.UnicodeScalarView? {
        let rest = Substring(line(position.line)).unicodeScalars.dropFirst(max(0, position.column - 1))
        return rest.isEmpty ? nil : rest
    }

    /// The position of the first `%TAG` line over the limit; nil: there is none.
    var excessiveTagLine: Position? {
        var count = 0
        var rest = bytes[...]
        while let sign = rest.firstIndex(of: UInt8(ascii: "%")) {
            rest = bytes[(sign + 1)...]
            // Every line break of YAML ends in one of these.
            let beginsLine = sign == 0 || [0x0A, 0x0D, 0x85, 0xA8, 0xA9].contains(bytes[sign - 1])
            guard beginsLine, rest.starts(with: "TAG".utf8) else { continue }
            count += 1
            if count > Limits.tagLines { return position(ofByte: sign) }
        }
        return nil
    }

    /// The position of a byte.
    func position(ofByte target: Int) -> Position {
        var position = Position(line: 1, column: 1)
        var offset = 0
        while offset < min(target, bytes.count) {
            let length = mayBreak(bytes[offset]) ? lineBreak(at: offset) : 0
            let isContinuation = bytes[offset] & 0xC0 == 0x80
            if length > 0 {
                position = Position(line: position.line + 1, column: 1)
            } else if !isContinuation {
                position.column += 1
            }
            offset += max(1, length)
        }
        return position
    }

    /// The first byte of the character that contains a byte. The character may be broken.
    func startOfCharacter(at offset: Int) -> Int {
        let before = bytes.prefix(max(0, offset)).suffix(3)
        guard let lead = before.lastIndex(where: { $0 & 0xC0 != 0x80 }) else { return offset }
        // The byte after a complete character begins the next one.
        let isComplete = String(validating: bytes[lead..<before.endIndex], as: UTF8.self) != nil
        return isComplete ? offset : lead
    }

    /// A problem at a position of this file, with its source line but without the secrets in it.
    func problem(
        at position: Position, _ message: String, hint: String? = nil, severity: Problem.Severity = .error,
        hiding secrets: SecretLines
    ) -> Problem {
        var line = beginning(ofLine: position.line, characters: position.column + Excerpt.width)
        let isBlank = line.utf8.allSatisfy { $0 == UInt8(ascii: " ") }
        var column = position.column
        if let shown = secrets.shown(of: line, number: position.line) {
            line = String(String.UnicodeScalarView(line.unicodeScalars.prefix(shown))) + "[hidden]"
            column = min(column, shown + 1)
        }
        return Problem(
            Place(file: file, position: position), message, hint: hint, severity: severity,
            excerpt: isBlank ? nil : Excerpt(line: line, column: column))
    }
}

extension SourceText {
    /// The position of the character `index` (0-based, in the value's text) of a scalar. In a value over several lines
    /// the columns are lost, so the position is the start of the value.
    func position(ofCharacter index: Int, in scalar: Scalar, at start: Position) -> Position {
        guard index >= 0, scalar.isOnOneLine, scalar.style != .block, var rest = rest(from: start) else {
            return start
        }
        let length = rest.count
        rest.skipAnchor()
        guard !rest.isEmpty else { return start }
        if scalar.style != .plain { rest.removeFirst() }
        for _ in 0..<index where !rest.isEmpty {
            rest = rest.dropFirst(rest.lengthOfFirst(in: scalar.style))
        }
        return Position(line: start.line, column: start.column + length - rest.count)
    }
}

extension Substring.UnicodeScalarView {
    /// Drops `&name` and the blanks after it. For libyaml, an anchored value begins at its anchor.
    fileprivate mutating func skipAnchor() {
        guard first == "&" else { return }
        self = drop { $0 != " " && $0 != "\t" }
        self = drop { $0 == " " || $0 == "\t" }
    }

    /// How many characters of the source make up the first character of a scalar.
    fileprivate func lengthOfFirst(in style: Scalar.Style) -> Int {
        switch (style, first) {
        case (.singleQuoted, "'"): return 2
        case (.doubleQuoted, "\\"): break
        default: return 1
        }
        switch dropFirst().first {
        case "x": return 4
        case "u": return 6
        case "U": return 10
        default: return 2
        }
    }
}
