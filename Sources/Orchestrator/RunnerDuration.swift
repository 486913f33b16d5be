extension Duration {
    private static let runnerUnits: [(name: String, microseconds: Double)] = [
        ("ns", 1e-3), ("us", 1), ("µs", 1), ("μs", 1), ("ms", 1e3), ("s", 1e6), ("m", 6e7), ("h", 3.6e9),
    ]

    /// Reads a length of time as GitLab's runner does, by the rules of its language: `23h50m`, `1.5h`, `90m0s`, `0`. At most a
    /// year; nil: it is none.
    init?(runner text: String) {
        let text = text.trimmingPrefix("+")
        if text == "0" {
            self = .zero
            return
        }
        var rest = text[...]
        var microseconds = 0.0
        repeat {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
            rest = rest.dropFirst(unit.count)
            guard let amount = Double(number), let length = Self.runnerUnits.first(where: { $0.name == unit })
            else { return nil }
            microseconds += amount * length.microseconds
        } while !rest.isEmpty
        guard microseconds <= 3.6e9 * 24 * 366 else { return nil }
        self = .microseconds(Int64(microseconds))
    }
}
