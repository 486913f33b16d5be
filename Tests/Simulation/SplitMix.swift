import TestSupport

extension SplitMix {
    mutating func chance(_ one: Int, in many: Int) -> Bool { Int.random(in: 0..<many, using: &self) < one }

    mutating func milliseconds(_ range: ClosedRange<Int>) -> Duration {
        .milliseconds(Int.random(in: range, using: &self))
    }

    mutating func seconds(_ range: ClosedRange<Int>) -> Duration {
        milliseconds(range.lowerBound * 1_000...range.upperBound * 1_000)
    }

    mutating func pick<Value>(_ values: [Value], or fallback: Value) -> Value {
        values.randomElement(using: &self) ?? fallback
    }

    /// A separate generator. Drawing from it does not change the numbers of this one.
    mutating func split() -> SplitMix { SplitMix(seed: next()) }
}
