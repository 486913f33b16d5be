/// One line of the table.
struct Row {
    let measure: String
    var ours: Figure?
    /// The program or figure that ours is compared with.
    var reference = ""
    var theirs: Figure?
    var ratio: Double?
    var must: Goal?
    var stretch: Goal?
    /// Why a figure is missing, or what it leaves out.
    var note: String?

    init(_ measure: String, note: String? = nil) {
        self.measure = measure
        self.note = note
    }

    enum Verdict: String {
        case stretch, met, missed
        case unmeasured = "–"
    }

    var verdict: Verdict {
        guard let ratio, let must else { return .unmeasured }
        if let stretch, stretch.admits(ratio) { return .stretch }
        return must.admits(ratio) ? .met : .missed
    }
}

/// The ratio to reach.
enum Goal {
    case atLeast(Double)
    case atMost(Double)

    func admits(_ ratio: Double) -> Bool {
        switch self {
        case .atLeast(let least): ratio >= least
        case .atMost(let most): ratio <= most
        }
    }

    var text: String {
        switch self {
        case .atLeast(let least): "≥ \(short(least))"
        case .atMost(let most): "≤ \(short(most))"
        }
    }
}

/// A measured number and its unit.
struct Figure {
    var value: Double
    var unit: Unit

    enum Unit: String {
        case perSecond = "/s"
        case nanoseconds = "ns"
        case milliseconds = "ms"
        case seconds = "s"
        case megabytes = "MB"
        case bytes = "B"
        case count = ""
    }

    var text: String { unit == .count ? short(value) : "\(short(value)) \(unit.rawValue)" }
}

/// A number rounded for reading: `0.412`, `12.3`, `99800`.
func short(_ value: Double) -> String {
    let magnitude = abs(value)
    let digits =
        magnitude >= 100 || value == value.rounded() ? 0 : magnitude >= 10 ? 1 : magnitude >= 1 ? 2 : 3
    let scale = [1.0, 10, 100, 1_000][digits]
    let scaled = (value * scale).rounded()
    guard digits > 0 else { return String(Int64(scaled)) }
    let fraction = String(Int64(abs(scaled)) % Int64(scale))
    let padded = String(repeating: "0", count: digits - fraction.count) + fraction
    return "\(value < 0 ? "-" : "")\(Int64(abs(scaled)) / Int64(scale)).\(padded)"
}
