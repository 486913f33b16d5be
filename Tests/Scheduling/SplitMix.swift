import Foundation
import TestSupport

extension SplitMix {
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
