/// Rows of text with aligned columns, under a header.
struct Table {
    struct Cell {
        var text: String
        var style: Style

        init(_ text: String, _ style: Style = .plain) {
            self.text = text.printable
            self.style = style
        }
    }

    private let header: [Cell]
    private var rows: [[Cell]] = []

    init(_ header: String...) { self.init(header) }

    init(_ header: [String]) {
        self.header = header.map { Cell($0, .bold) }
    }

    mutating func add(_ cells: Cell...) { add(cells) }

    mutating func add(_ cells: [Cell]) {
        rows.append(cells)
    }

    var isEmpty: Bool { rows.isEmpty }

    /// No cell is cut or wrapped, and no line ends in blanks.
    func text(_ palette: Palette) -> String {
        let lines = [header] + rows
        let widths = header.indices.map { column in
            lines.map { column < $0.count ? $0[column].text.columns : 0 }.max() ?? 0
        }
        return lines.map { Self.line($0, widths, palette) }.joined(separator: "\n")
    }

    private static func line(_ cells: [Cell], _ widths: [Int], _ palette: Palette) -> String {
        let last = cells.lastIndex { !$0.text.isEmpty } ?? 0
        let padded = zip(cells, widths).prefix(last + 1).enumerated().map { index, pair in
            let (cell, width) = pair
            let rest = index == last ? 0 : width - cell.text.columns
            return palette.paint(cell.text, cell.style) + String(repeating: " ", count: max(0, rest))
        }
        return padded.joined(separator: "  ")
    }
}

extension String {
    /// How many columns of a terminal the text takes.
    var columns: Int {
        utf8.allSatisfy { $0 < 0x80 } ? utf8.count : reduce(0) { $0 + $1.columns }
    }
}

extension Character {
    /// East Asian letters and emoji are twice as wide as others; combining marks belong to their character.
    fileprivate var columns: Int {
        guard let first = unicodeScalars.first else { return 0 }
        if first.properties.isEmojiPresentation || unicodeScalars.contains("\u{FE0F}") { return 2 }
        switch first.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
            0xF900...0xFAFF,
            0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
            return 2
        default:
            return first.properties.generalCategory == .nonspacingMark ? 0 : 1
        }
    }
}
