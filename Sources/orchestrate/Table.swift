/// Rows of text with aligned columns, under a header.
struct Table {
    struct Cell {
        let text: String
        let style: Style
        /// How many columns of a terminal the text takes.
        let columns: Int

        init(_ text: String, _ style: Style = .plain) {
            self.text = text.printable
            self.style = style
            columns = self.text.columns
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
        var widths = header.map(\.columns)
        for row in rows {
            for (index, cell) in zip(widths.indices, row) { widths[index] = max(widths[index], cell.columns) }
        }
        var text = ""
        Self.write(header, widths, palette, to: &text)
        for row in rows {
            text += "\n"
            Self.write(row, widths, palette, to: &text)
        }
        return text
    }

    /// One line. The blanks before a cell wait until there is one that is not empty.
    private static func write(_ cells: [Cell], _ widths: [Int], _ palette: Palette, to text: inout String) {
        var blanks = 0
        for (cell, width) in zip(cells, widths) {
            if !cell.text.isEmpty {
                text.append(blanks: blanks)
                text += palette.paint(cell.text, cell.style)
                blanks = 0
            }
            blanks += width - cell.columns + 2
        }
    }
}

extension String {
    /// How many columns of a terminal the text takes.
    var columns: Int {
        utf8.allSatisfy { $0 < 0x80 } ? utf8.count : reduce(0) { $0 + $1.columns }
    }
}

extension String {
    private static let blanks = String(repeating: " ", count: 64)

    fileprivate mutating func append(blanks count: Int) {
        var rest = count
        while rest > 0 {
            self += String.blanks.prefix(rest)
            rest -= 64
        }
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
