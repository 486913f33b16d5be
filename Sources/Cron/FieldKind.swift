/// The five fields in their order in an expression.
enum FieldKind: Int, CaseIterable, Sendable {
    case minute, hour, dayOfMonth, month, dayOfWeek

    var name: String {
        switch self {
        case .minute: "minute"
        case .hour: "hour"
        case .dayOfMonth: "day-of-month"
        case .month: "month"
        case .dayOfWeek: "day-of-week"
        }
    }

    /// The values of `*`.
    var range: ClosedRange<Int> {
        switch self {
        case .minute: 0...59
        case .hour: 0...23
        case .dayOfMonth: 1...31
        case .month: 1...12
        case .dayOfWeek: 0...6
        }
    }

    /// The largest number that an expression may have: 7 is Sunday too.
    var largestNumber: Int { self == .dayOfWeek ? 7 : range.upperBound }

    /// Names of the values. The first one is the name of `range`'s lower bound.
    var valueNames: [String] {
        switch self {
        case .month: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
        case .dayOfWeek: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
        default: []
        }
    }

    /// The full names, to understand `monday`.
    var longNames: [String] {
        switch self {
        case .month: EnglishList.months.map { $0.uppercased() }
        case .dayOfWeek: EnglishList.weekdayNames.map { $0.uppercased() }
        default: []
        }
    }

    /// The allowed values, for messages.
    var allowed: String {
        switch self {
        case .minute: "0-59"
        case .hour: "0-23"
        case .dayOfMonth: "1-31"
        case .month: "1-12 or JAN-DEC"
        case .dayOfWeek: "0-7 (0 and 7 are Sunday) or SUN-SAT"
        }
    }

    var isDay: Bool { self == .dayOfMonth || self == .dayOfWeek }
}
