/// What is wrong with an expression, and where.
public struct CronError: Error, Hashable, Sendable, CustomStringConvertible {
    /// 1-based, in characters of the given string, leading blanks included.
    public let column: Int
    /// "minute", "hour", "day-of-month", "month" or "day-of-week"; nil: the error concerns the whole expression.
    public let field: String?
    /// What is wrong, without the column and the field.
    public let message: String
    /// What the author probably meant, as a replacement for the wrong part; nil: not clear.
    public let hint: String?

    /// Everything on one line: `column 3, hour field: 24 is out of range, allowed are 0-23 (did you mean 0?)`.
    public var description: String {
        let place = field.map { ", \($0) field" } ?? ""
        return "column \(column)\(place): \(message)" + (hint.map { " (did you mean \($0)?)" } ?? "")
    }
}
