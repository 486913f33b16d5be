import FoundationEssentials

/// Prints the rows, for people and for programs.
enum Table {
    private static let titles = [
        "MEASURE", "OURS", "REFERENCE", "THEIRS", "RATIO", "MUST", "STRETCH", "VERDICT",
    ]

    static func text(_ rows: [Row]) -> String {
        let lines = [titles] + rows.map(cells)
        let widths = titles.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        var text = ""
        for (index, line) in lines.enumerated() {
            let padded = zip(line, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            text += padded.joined(separator: "  ").trimmed + "\n"
            if index > 0, let note = rows[index - 1].note { text += "    \(note)\n" }
        }
        return text
    }

    private static func cells(_ row: Row) -> [String] {
        [
            row.measure, row.ours?.text ?? "–", row.reference, row.theirs?.text ?? "–",
            row.ratio.map(short) ?? "–", row.must?.text ?? "", row.stretch?.text ?? "",
            row.verdict.rawValue,
        ]
    }

    private struct Entry: Encodable {
        var measure: String
        var ours: Double?
        var unit: String?
        var reference: String?
        var theirs: Double?
        var ratio: Double?
        var must: String?
        var stretch: String?
        var verdict: String
        var note: String?
    }

    static func json(_ rows: [Row]) -> String {
        let entries = rows.map { row in
            Entry(
                measure: row.measure, ours: row.ours?.value, unit: row.ours?.unit.rawValue,
                reference: row.reference.isEmpty ? nil : row.reference, theirs: row.theirs?.value,
                ratio: row.ratio, must: row.must?.text, stretch: row.stretch?.text,
                verdict: row.verdict == .unmeasured ? "unmeasured" : row.verdict.rawValue, note: row.note)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(entries)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
    }
}

extension String {
    /// The text without blanks at its end.
    fileprivate var trimmed: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
