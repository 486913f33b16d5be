/// The five fields, in the order in which they are written.
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

    /// What `*` stands for.
    var range: ClosedRange<Int> {
        switch self {
        case .minute: 0...59
        case .hour: 0...23
        case .dayOfMonth: 1...31
        case .month: 1...12
        case .dayOfWeek: 0...6
        }
    }

    /// The largest number that may be written: 7 is Sunday too.
    var largestNumber: Int { self == .dayOfWeek ? 7 : range.upperBound }

    /// Names of the values, the first for the lower bound of `range`.
    var valueNames: [String] {
        switch self {
        case .month: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
        case .dayOfWeek: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
        default: []
        }
    }

    /// The same in full, to understand `monday`.
    var longNames: [String] {
        switch self {
        case .month: EnglishList.months.map { $0.uppercased() }
        case .dayOfWeek: EnglishList.weekdayNames.map { $0.uppercased() }
        default: []
        }
    }

    /// For messages.
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
