import Text

/// Rows of text with aligned columns, under a header.
struct Table {
    struct Cell {
        let text: String
        let style: Style
        /// How many columns of a terminal the text takes.
        let columns: Int

        init(_ text: String, _ style: Style = .plain) {
            self.text = text.printable()
            self.style = style
            columns = self.text.columns
        }
    }

    /// A year of some hundred jobs has hundreds of thousands of rows: their texts stand in one, each cell is a stretch.
    private struct Stretch {
        let text: Range<String.Index>
        let style: Style
        let columns: Int
    }

    private var texts = ""
    /// Of the header, then of the rows.
    private var cells: [Stretch] = []
    private var rowEnds: [Int] = []
    private var widths: [Int] = []

    init(_ header: String...) { self.init(header) }

    init(_ header: [String]) {
        add(header.map { Cell($0, .bold) })
    }

    mutating func add(_ cells: Cell...) { add(cells) }

    mutating func add(_ row: [Cell]) {
        for (index, cell) in row.enumerated() {
            let start = texts.endIndex
            texts += cell.text
            cells.append(Stretch(text: start..<texts.endIndex, style: cell.style, columns: cell.columns))
            if index == widths.count { widths.append(0) }
            widths[index] = max(widths[index], cell.columns)
        }
        rowEnds.append(cells.count)
    }

    var isEmpty: Bool { rowEnds.count == 1 }

    /// No cell is cut or wrapped, and no line ends in blanks.
    func text(_ palette: Palette) -> String {
        var text = ""
        var start = 0
        for end in rowEnds {
            if start > 0 { text += "\n" }
            write(cells[start..<end], palette, to: &text)
            start = end
        }
        return text
    }

    /// One line. The blanks before a cell wait until there is one that is not empty.
    private func write(_ row: ArraySlice<Stretch>, _ palette: Palette, to text: inout String) {
        var blanks = 0
        for (cell, width) in zip(row, widths) {
            if !cell.text.isEmpty {
                text.append(blanks: blanks)
                palette.paint(texts[cell.text], cell.style, to: &text)
                blanks = 0
            }
            blanks += width - cell.columns + 2
        }
    }
}

extension String {
    /// How many columns of a terminal the text takes.
    var columns: Int {
        isPlain ? utf8.count : reduce(0) { $0 + $1.columns }
    }

    private static let blanks = String(repeating: " ", count: 64)

    fileprivate mutating func append(blanks count: Int) {
        var rest = count
        while rest > 0 {
            let end = String.blanks.utf8.index(String.blanks.startIndex, offsetBy: min(rest, 64))
            self += String.blanks[..<end]
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
