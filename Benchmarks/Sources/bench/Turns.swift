/// The figures of one run of a program, by name.
typealias Sample = [String: Double]

/// A participant in a measurement: our program, or one to compare it with.
struct Contestant {
    let name: String
    let run: () throws -> [Sample]

    init(_ name: String, _ run: @escaping () throws -> [Sample]) {
        self.name = name
        self.run = run
    }
}

/// A measurement lacks something. The words say what.
struct Missing: Error, CustomStringConvertible {
    let description: String
}

extension Bench {
    /// Lets each contestant take its turn, round by round, so that other load on the machine hits all of them.
    func takeTurns(rounds: Int? = nil, _ contestants: [Contestant]) -> Results {
        var results = Results()
        for round in 1...(rounds ?? self.rounds) {
            for contestant in contestants where results.reasons[contestant.name] == nil {
                if round == 1 { tell("  \(contestant.name)") }
                do {
                    results.samples[contestant.name, default: []] += try contestant.run()
                } catch {
                    results.reasons[contestant.name] = "\(error)"
                }
            }
        }
        return results
    }
}

/// The figures that were measured, and the reasons for those that were not.
struct Results {
    fileprivate(set) var samples: [String: [Sample]] = [:]
    fileprivate(set) var reasons: [String: String] = [:]

    /// The median over all rounds.
    subscript(_ name: String, _ key: String) -> Double? {
        median(samples[name, default: []].compactMap { $0[key] })
    }

    enum Comparison {
        case oursOverTheirs
        case theirsOverOurs
        /// The goal is about our figure itself.
        case alone
    }

    /// A row with two figures of this measurement, or the reason why one is missing.
    func row(
        _ measure: String, _ ours: (name: String, key: String), _ unit: Figure.Unit, times scale: Double = 1,
        against reference: String, theirs: Double?, _ comparison: Comparison, must: Goal, stretch: Goal? = nil
    ) -> Row {
        var row = Row(measure)
        row.must = must
        row.stretch = stretch
        row.reference = reference
        let own = self[ours.name, ours.key].map { $0 * scale }
        row.ours = own.map { Figure(value: $0, unit: unit) }
        row.theirs = theirs.map { Figure(value: $0, unit: unit) }
        switch (comparison, own, theirs) {
        case (.oursOverTheirs, let own?, let theirs?): row.ratio = own / theirs
        case (.theirsOverOurs, let own?, let theirs?): row.ratio = theirs / own
        case (.alone, let own?, _): row.ratio = own
        default: row.note = missing(ours.name, reference)
        }
        return row
    }

    func missing(_ names: String...) -> String? {
        let words = names.compactMap { reasons[$0] }
        return words.isEmpty ? nil : "not measured: " + words.joined(separator: "; ")
    }
}

func median(_ values: [Double]) -> Double? {
    let sorted = values.sorted()
    guard let last = sorted.last else { return nil }
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2)
        ? (sorted[middle - 1] + sorted[middle]) / 2 : min(last, sorted[middle])
}
