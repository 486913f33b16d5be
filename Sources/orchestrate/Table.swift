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

    /// The part of `texts` that is one cell. A year of some hundred jobs has hundreds of thousands of rows, so all
    /// cells share one text.
    private struct Stretch {
        let text: Range<String.Index>
        let style: Style
        let columns: Int
    }

    /// A column, and what happens to it if the terminal is too narrow.
    struct Column: ExpressibleByStringLiteral {
        enum Room { case needed, shortened, left(first: Int) }

        let title: String
        let room: Room

        init(_ title: String, _ room: Room = .needed) { (self.title, self.room) = (title, room) }

        init(stringLiteral title: String) { self.init(title) }

        /// A text that is too long loses its end.
        static func shortened(_ title: String) -> Column { Column(title, .shortened) }

        /// The table leaves the column out if it is too wide. Among several such columns, the lowest number goes first.
        static func left(_ title: String, _ order: Int) -> Column { Column(title, .left(first: order)) }
    }

    /// The table shortens no column below this width.
    private static let narrowest = 12

    private let columns: [Column]
    private var texts = ""
    /// The cells of the header, then those of the rows.
    private var cells: [Stretch] = []
    private var rowEnds: [Int] = []
    private var widths: [Int] = []

    init(_ columns: Column...) { self.init(columns) }

    init(_ columns: [Column]) {
        self.columns = columns
        add(columns.map { Cell($0.title, .bold) })
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

    /// How many columns a line takes if the table leaves nothing out.
    var width: Int { widths.reduce(0, +) + 2 * max(widths.count - 1, 0) }

    /// The table as text. It wraps no cell, and no line ends in blanks. `width`: the most columns of a line; nil: no
    /// limit.
    func text(_ palette: Palette, width: Int? = Output.width) -> String {
        let shown = layout(within: width ?? .max)
        var text = ""
        var start = 0
        for end in rowEnds {
            if start > 0 { text += "\n" }
            write(cells[start..<end], shown, palette, to: &text)
            start = end
        }
        return text
    }

    /// How wide each column is; nil for the columns that are left out.
    private func layout(within width: Int) -> [Int?] {
        var shown: [Int?] = widths
        var excess: Int {
            let present = shown.compactMap(\.self)
            return present.reduce(0, +) + 2 * max(present.count - 1, 0) - min(width, 1 << 30)
        }
        let leavable = columns.indices.compactMap { index -> (order: Int, index: Int)? in
            guard case .left(let order) = columns[index].room, index < widths.count else { return nil }
            return (order, index)
        }
        for (_, index) in leavable.sorted(by: <) where excess > 0 { shown[index] = nil }
        for index in columns.indices.reversed() where excess > 0 {
            guard case .shortened = columns[index].room, index < widths.count, let own = shown[index] else {
                continue
            }
            shown[index] = max(own - excess, min(own, Self.narrowest))
        }
        return shown
    }

    /// Writes one line. It writes the blanks before a cell only when a cell with text follows.
    private func write(
        _ row: ArraySlice<Stretch>, _ shown: [Int?], _ palette: Palette, to text: inout String
    ) {
        var blanks = 0
        for (cell, width) in zip(row, shown) {
            guard let width else { continue }
            let isTooLong = cell.columns > width
            if !cell.text.isEmpty {
                text.append(blanks: blanks)
                let whole = texts[cell.text]
                palette.paint(isTooLong ? whole.shortened(to: width)[...] : whole, cell.style, to: &text)
                blanks = 0
            }
            blanks += max(width - cell.columns, 0) + 2
        }
    }
}

extension Substring {
    /// Its beginning and an ellipsis, in `width` columns.
    fileprivate func shortened(to width: Int) -> String {
        var room = width - 1
        let beginning = prefix { character in
            room -= String(character).columns
            return room >= 0
        }
        return beginning + "…"
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
    /// East Asian letters and emoji are twice as wide as others. Combining marks belong to their character.
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
