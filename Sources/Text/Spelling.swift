/// Finds the word that the user probably meant, for a "did you mean". Finds nothing if two words are equally near.
public enum Spelling {
    /// The one candidate nearest to `word`, at most `limit` edits away. Letter case does not count.
    public static func suggestion(for word: String, among candidates: [String], limit: Int) -> String? {
        let wanted = Array(word.lowercased().utf8.prefix(64))
        var best: [String] = []
        var bestDistance = limit
        for candidate in candidates {
            let distance = distance(wanted, Array(candidate.lowercased().utf8))
            if distance < bestDistance { best.removeAll() }
            if distance <= bestDistance {
                best.append(candidate)
                bestDistance = distance
            }
        }
        return best.count == 1 ? best.first : nil
    }

    /// How many insertions, deletions, replacements and swaps of neighbors turn one text into the other.
    public static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let replaced = last[column] + (left[row] == right[column] ? 0 : 1)
                let swapped = isSwap(left, row, right, column) ? beforeLast[column - 1] + 1 : replaced
                current.append(min(last[column + 1] + 1, current[column] + 1, replaced, swapped))
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }

    private static func isSwap(_ left: [UInt8], _ row: Int, _ right: [UInt8], _ column: Int) -> Bool {
        row > 0 && column > 0 && left[row] == right[column - 1] && left[row - 1] == right[column]
    }

    /// `text` in quotes for a message, cut after 24 characters. It shows the number of a character that is not
    /// printable, and of an unusual blank, because these may be the mistake.
    public static func quoted(_ text: some StringProtocol) -> String {
        var result = ""
        for scalar in text.unicodeScalars.prefix(24) {
            let isOddBlank = scalar != " " && scalar.properties.generalCategory == .spaceSeparator
            let isShown = scalar.isPrintable && !isOddBlank
            result += isShown ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
        }
        return text.unicodeScalars.dropFirst(24).isEmpty ? "'\(result)'" : "'\(result)...'"
    }
}
