/// A line and a column, both 1-based; columns count Unicode scalars, as libyaml does.
public struct Position: Hashable, Sendable, Comparable {
    public var line: Int
    public var column: Int

    public static func < (left: Position, right: Position) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// A file or folder, as the caller named it, and the position in it, if there is one.
public struct Place: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var file: String
    public var position: Position?

    public init(file: String, position: Position? = nil) {
        self.file = file
        self.position = position
    }

    /// `jobs/nightly.yml:3:12`, or the bare path.
    public var description: String {
        let path = file.shown
        guard let position else { return path }
        return "\(path):\(position.line):\(position.column)"
    }

    /// By file, then by position. A problem of the whole file comes first.
    public static func < (left: Place, right: Place) -> Bool {
        guard left.file == right.file else { return left.file < right.file }
        guard let other = right.position else { return false }
        guard let own = left.position else { return true }
        return own < other
    }
}
