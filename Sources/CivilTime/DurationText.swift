import Text

/// What is wrong with a duration, and where.
public struct DurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// 1-based, in characters of the text.
    public let column: Int
    public let message: String
    /// What the author probably meant; nil: not clear.
    public let hint: String?

    public var description: String {
        "column \(column): \(message)" + (hint.map { " (did you mean \($0)?)" } ?? "")
    }
}

extension Duration {
    /// Reads `90s`, `15m`, `1h30m`, `2d`: whole numbers with the units d, h, m and s, the largest unit first, each unit
    /// at most once. `0` needs no unit.
    public init(text: String) throws(DurationError) {
        var parser = DurationParser(text)
        self = .seconds(try parser.seconds())
    }

    /// The same form: `1h30m`, `0s`. A fraction of a second is cut to milliseconds: `1.25s`.
    public var text: String {
        let microseconds = inMicroseconds.magnitude
        let milliseconds = microseconds / 1_000 % 1_000
        var seconds = microseconds / 1_000_000
        var result = ""
        for (unit, length) in DurationParser.units.dropLast() where seconds >= length {
            result += "\(seconds / UInt64(length))\(unit)"
            seconds %= UInt64(length)
        }
        if milliseconds > 0 {
            var fraction = String(String(milliseconds + 1_000).dropFirst())
            while fraction.hasSuffix("0") { fraction.removeLast() }
            result += "\(seconds).\(fraction)s"
        } else if seconds > 0 || result.isEmpty {
            result += "\(seconds)s"
        }
        return inMicroseconds < 0 && result != "0s" ? "-" + result : result
    }

    /// For people, in one unit: `40 ms`, `12.5 s`, `5 min`, `3.2 h`, `4 days`.
    public var rough: String {
        let seconds = Double(inMicroseconds) / 1_000_000
        func tenths(_ value: Double) -> String {
            let tenths = Int64((value * 10).rounded())
            return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
        }
        switch abs(seconds) {
        case ..<0.9995: return "\(Int64((seconds * 1_000).rounded())) ms"
        case ..<120: return "\(tenths(seconds)) s"
        case ..<7_200: return "\(tenths(seconds / 60)) min"
        case ..<172_800: return "\(tenths(seconds / 3_600)) h"
        default: return "\(tenths(seconds / 86_400)) days"
        }
    }
}

/// Reads a duration from left to right.
private struct DurationParser {
    static let units: [(name: Character, seconds: Int)] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)]
    /// A thousand years: more than any job needs, and far from overflow.
    private static let longest = 365_250 * 86_400

    /// A sensible duration has at most some twenty characters, or more with leading zeros.
    private static let mostCharacters = 100

    private let characters: [Character]
    private var position = 0

    init(_ text: String) { characters = Array(text.prefix(DurationParser.mostCharacters + 1)) }

    mutating func seconds() throws(DurationError) -> Int {
        guard !characters.isEmpty else {
            throw error("the duration is empty, it looks like 90s, 15m or 1h30m")
        }
        guard characters.count <= DurationParser.mostCharacters else {
            throw error("the duration is longer than \(DurationParser.mostCharacters) characters")
        }
        if characters == ["0"] { return 0 }
        var total = 0
        var units = DurationParser.units[...]
        while position < characters.count {
            let start = position
            let number = try number()
            let unit = try unit(among: &units)
            let (product, overflow) = number.multipliedReportingOverflow(by: unit)
            guard !overflow, product <= DurationParser.longest - total else {
                position = start
                throw error("the duration is longer than 365250d")
            }
            total += product
        }
        return total
    }

    private mutating func number() throws(DurationError) -> Int {
        let start = position
        var number = 0
        while let digit = peek?.wholeNumberValue, peek?.isASCII == true {
            number = min(number * 10 + digit, DurationParser.longest + 1)
            position += 1
        }
        guard position == start else { return number }
        let written = Spelling.quoted(peek.map(String.init) ?? "")
        try refuseBlank()
        throw error("\(written) is not a number, a duration looks like 90s, 15m or 1h30m")
    }

    private mutating func unit(among units: inout ArraySlice<(name: Character, seconds: Int)>)
        throws(DurationError) -> Int
    {
        guard let letter = peek else {
            throw error("the unit is missing, one of d h m s", hint: String(characters) + "s")
        }
        let name = Character(letter.lowercased().prefix(1).description)
        guard let known = DurationParser.units.first(where: { $0.name == name && letter.isASCII }) else {
            try refuseBlank()
            let isFraction = letter == "." || letter == ","
            throw error(
                isFraction
                    ? "numbers are whole, use a smaller unit"
                    : "\(Spelling.quoted(String(letter))) is not a unit, known are d h m s")
        }
        guard let index = units.firstIndex(where: { $0.name == name }) else {
            throw error("units come once each, the largest first: d h m s")
        }
        units = units[(index + 1)...]
        position += 1
        return known.seconds
    }

    private var peek: Character? { position < characters.count ? characters[position] : nil }

    private func refuseBlank() throws(DurationError) {
        guard peek == " " || peek == "\t" else { return }
        let text = String(characters.filter { $0 != " " && $0 != "\t" })
        let hint = (try? Duration(text: text)) == nil ? nil : text
        throw error("blanks cannot stand inside a duration", hint: hint)
    }

    private func error(_ message: String, hint: String? = nil) -> DurationError {
        DurationError(column: position + 1, message: message, hint: hint)
    }
}
