import Text

/// A number or name in a field.
struct FieldValue {
    let number: Int
    let kind: FieldKind

    /// The value at the low end of a range, or alone: Sunday is 0.
    var asLow: Int { kind == .dayOfWeek && number == 7 ? 0 : number }

    /// The value at the high end of a range: 7 stays 7, after Saturday, so that `5-7` is Friday to Sunday. If both ends
    /// are equal, the range is one value.
    func asHigh(after low: FieldValue) -> Int { low.number == number ? low.asLow : number }
}

/// Reads values and explains errors in them.
extension FieldParser {
    mutating func value() throws(CronError) -> FieldValue {
        let start = position
        if let number = digits() {
            guard number >= kind.range.lowerBound, number <= kind.largestNumber else {
                let wraps = kind.range.lowerBound == 0 && number == kind.range.count && kind != .dayOfWeek
                throw error(
                    at: start, "\(shown(start)) is out of range, allowed are \(kind.allowed)",
                    hint: wraps ? "0" : nil)
            }
            return FieldValue(number: number, kind: kind)
        }
        let word = lettersAhead
        guard !word.isEmpty else { throw unexpected() }
        // In `FRIL` the `L` is not part of the name.
        let hasL = kind == .dayOfWeek && word.utf8.count == 4 && word.uppercased().hasSuffix("L")
        let name = hasL ? String(word.dropLast()) : word
        guard let index = kind.valueNames.firstIndex(of: name.uppercased()) else { throw wrongName(word) }
        position += name.utf8.count
        return FieldValue(number: kind.range.lowerBound + index, kind: kind)
    }

    /// A number of any length. A large one becomes a million, which no field admits.
    mutating func digits() -> Int? {
        let start = position
        var number = 0
        while let byte = peek, byte.isDigit {
            number = min(number * 10 + Int(byte - UInt8(ascii: "0")), 1_000_000)
            position += 1
        }
        return position > start ? number : nil
    }

    var lettersAhead: String {
        let end = source.bytes[position..<field.upperBound].firstIndex { !$0.isLetter } ?? field.upperBound
        return source.text(position..<end)
    }

    var peek: UInt8? { position < field.upperBound ? source.bytes[position] : nil }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// Reads `letter`, which is upper case, in either case.
    mutating func takeLetter(_ letter: Unicode.Scalar) -> Bool {
        guard let byte = peek, byte & ~0x20 == UInt8(ascii: letter) else { return false }
        position += 1
        return true
    }

    // MARK: Errors

    func error(at position: Int, _ message: String, hint: String? = nil) -> CronError {
        source.error(at: position, in: kind, message, hint: hint)
    }

    /// The text read since `start`, shortened if it is long.
    func shown(_ start: Int) -> String {
        String(Spelling.quoted(source.text(start..<position)).dropFirst().dropLast())
    }

    func unexpected() -> CronError {
        let character = source.quotedCharacter(at: position)
        switch peek {
        case nil: return error(at: position, "a value is missing at the end")
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            return error(at: position, "quotes do not belong to the expression")
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            return error(at: position, "\(character) needs a value in front: numbers have no sign")
        case UInt8(ascii: "~"):
            return error(at: position, "'~' is not supported: use the job's jitter key to spread fire times")
        case UInt8(ascii: ","): return error(at: position, "a value is missing before ','")
        default: return error(at: position, "\(character) cannot stand here")
        }
    }

    private func wrongName(_ word: String) -> CronError {
        let name = word.uppercased()
        let quoted = Spelling.quoted(word)
        let end = position + word.utf8.count
        for other in FieldKind.allCases where other != kind && other.valueNames.contains(name) {
            return error(
                at: position,
                "the name \(quoted) belongs in the \(other.name) field, allowed are \(kind.allowed)")
        }
        if name == "H" {
            return error(at: position, "'H' is not supported: use the job's jitter key to spread fire times")
        }
        if kind == .dayOfWeek, name == "L" {
            let digits = source.bytes[end..<field.upperBound].prefix(while: \.isDigit)
            let weekday = String(decoding: digits, as: UTF8.self)
            let whole = source.quoted(position..<end + digits.count)
            return error(
                at: position, "\(whole): the L follows its weekday",
                hint: Int(weekday).flatMap { (0...7).contains($0) ? "\($0)L" : nil })
        }
        let isNamed = !kind.valueNames.isEmpty
        return error(
            at: position,
            "\(quoted) is not a \(isNamed ? "name of" : "value of") this field, allowed are \(kind.allowed)",
            hint: suggestion(for: name))
    }

    private func suggestion(for name: String) -> String? {
        if kind == .dayOfMonth { return name == "LAST" ? "L" : nil }
        let beginnings = zip(kind.valueNames, kind.longNames).filter {
            name.utf8.count > 3 && $1.hasPrefix(name)
        }
        if let known = beginnings.first { return known.0 }
        if let short = Spelling.suggestion(for: name, among: kind.valueNames, limit: 1) { return short }
        let long = Spelling.suggestion(for: name, among: kind.longNames, limit: 2)
        return zip(kind.longNames, kind.valueNames).first { $0.0 == long }?.1
    }
}
