import Text

/// The parts of a file that may hold secrets: the values of `variables` and `inputs`, and the paths of URLs. No message
/// shows any of them.
///
/// A file with an error may have no structure, so this type looks at the lines. The values begin after such a key, even
/// a misspelled one. They end before the next line that begins with another key of a job and has no deeper indentation.
struct SecretLines {
    private struct Block {
        var lines: ClosedRange<Int>
        /// How many characters of its first line a message may show.
        let shown: Int
        let indent: Int
    }

    private var blocks: [Block] = []

    init(_ source: SourceText) {
        var open: Block?
        source.forEachLine { number, bytes in
            if var block = open, !Self.ends(block.indent, bytes) {
                block.lines = block.lines.lowerBound...number
                open = block
                return
            }
            if let block = open { blocks.append(block) }
            open = Self.beginning(bytes).map { shown in
                Block(lines: number...number, shown: shown, indent: Self.indent(bytes))
            }
        }
        if let open { blocks.append(open) }
    }

    /// How many characters of a line a message may show; nil: all of them.
    func shown(of line: String, number: Int) -> Int? {
        let scalars = Array(line.unicodeScalars)
        let url = HookURL.shown(of: scalars)
        guard let block = blocks.first(where: { $0.lines.contains(number) }) else { return url }
        let shown = number == block.lines.lowerBound ? block.shown : Self.lengthOfKey(scalars)
        let hidden = String(String.UnicodeScalarView(scalars.dropFirst(shown)))
        return ["", "{}", "[]"].contains(hidden) ? url : min(shown, url ?? shown)
    }

    /// Whether the text at a position may be a secret.
    func contains(_ position: Position, of source: SourceText) -> Bool {
        shown(of: source.line(position.line), number: position.line).map { position.column > $0 } ?? false
    }

    // MARK: Lines

    private static func indent(_ line: ArraySlice<UInt8>) -> Int {
        line.prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.count
    }

    private static func ends(_ indent: Int, _ line: ArraySlice<UInt8>) -> Bool {
        if line.starts(with: "---".utf8) {
            return line.count == 3 || line[line.startIndex + 3] == UInt8(ascii: " ")
        }
        let own = Self.indent(line)
        guard own <= indent else { return false }
        let rest = line.dropFirst(own)
        let word = rest.prefix { $0.isLetter || $0 == UInt8(ascii: "_") }
        guard rest.dropFirst(word.count).first == UInt8(ascii: ":") else { return false }
        let key = JobKey.byName[String(decoding: word, as: UTF8.self)]
        return key != nil && key != .variables && key != .inputs
    }

    /// How many characters of a line come before the values of such a key; nil: the line has no such key.
    private static func beginning(_ line: ArraySlice<UInt8>) -> Int? {
        var rest = line
        while let start = rest.firstIndex(where: \.isLetter) {
            let word = rest[start...].prefix { $0.isLetter || $0 == UInt8(ascii: "_") }
            rest = rest[word.endIndex...]
            let quotes = rest.prefix { $0 == UInt8(ascii: "'") || $0 == UInt8(ascii: "\"") }
            let blanks = rest[quotes.endIndex...].prefix { $0 == UInt8(ascii: " ") }
            let isKey = rest[blanks.endIndex...].first == UInt8(ascii: ":")
            guard isKey || isAlone(word, in: line), isSecret(word) else { continue }
            guard isKey else { return String(decoding: line, as: UTF8.self).unicodeScalars.count }
            return String(decoding: line[...blanks.endIndex], as: UTF8.self).unicodeScalars.count + 1
        }
        return nil
    }

    /// Whether the line is `? variables`, the long form of a key.
    private static func isAlone(_ word: ArraySlice<UInt8>, in line: ArraySlice<UInt8>) -> Bool {
        line[..<word.startIndex].allSatisfy { " ?'\"".utf8.contains($0) } && line.contains(UInt8(ascii: "?"))
    }

    private static func isSecret(_ word: ArraySlice<UInt8>) -> Bool {
        guard (3...11).contains(word.count) else { return false }
        let word = Array(String(decoding: word, as: UTF8.self).lowercased().utf8)
        if ["env", "vars", "environment"].contains(where: { word.elementsEqual($0.utf8) }) { return true }
        return [JobKey.variables, .inputs].contains { Spelling.distance(word, Array($0.rawValue.utf8)) <= 2 }
    }

    /// The length of `  - NAME: `, the text before a value.
    private static func lengthOfKey(_ line: [Unicode.Scalar]) -> Int {
        let start = line.firstIndex { !" \t-?".unicodeScalars.contains($0) } ?? line.count
        let isNamePart = { (scalar: Unicode.Scalar) in
            UInt8(exactly: scalar.value).map { $0.isLetter || $0.isDigit || "_\"'{".utf8.contains($0) }
                ?? false
        }
        let colon = line[start...].firstIndex { !isNamePart($0) } ?? line.count
        guard colon < line.count, line[colon] == ":", colon + 1 == line.count || line[colon + 1] == " " else {
            return start
        }
        return line[(colon + 1)...].firstIndex { $0 != " " } ?? line.count
    }
}
