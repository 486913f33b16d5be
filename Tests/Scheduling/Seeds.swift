import Foundation

/// A small, seeded source of randomness (SplitMix64): the same seed gives the same test on every machine.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func int(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &self) }

    mutating func pick<Value>(_ values: [Value], else fallback: Value) -> Value {
        values.randomElement(using: &self) ?? fallback
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

/// The seeds of a random test. A failure names its seed as the test's argument; `SEED=123` replays that one,
/// and `SEEDS=2000` tries so many.
enum Seeds {
    static func first(_ count: UInt64) -> [UInt64] {
        let environment = ProcessInfo.processInfo.environment
        if let one = environment["SEED"].flatMap(UInt64.init) { return [one] }
        return Array(0..<(environment["SEEDS"].flatMap(UInt64.init) ?? count))
    }
}
