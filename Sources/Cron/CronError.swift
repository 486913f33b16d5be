/// What is wrong with an expression, and where.
public struct CronError: Error, Hashable, Sendable, CustomStringConvertible {
    /// 1-based, in characters of the string as it was given (leading blanks included).
    public let column: Int
    /// "minute", "hour", "day-of-month", "month", "day-of-week", or nil when it is about the whole.
    public let field: String?
    /// What is wrong, without column and field.
    public let message: String
    /// What was probably meant, to be written instead of the offending part; nil when that is not clear.
    public let hint: String?

    /// All of it on one line: `column 3, hour field: 24 is out of range, allowed are 0-23 (did you mean 0?)`.
    public var description: String {
        let place = field.map { ", \($0) field" } ?? ""
        return "column \(column)\(place): \(message)" + (hint.map { " (did you mean \($0)?)" } ?? "")
    }
}
