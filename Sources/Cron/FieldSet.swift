/// The values that one field admits, one bit per value: minute 7 is bit 7.
struct FieldSet: Hashable, Sendable {
    var bits: UInt64 = 0

    var isEmpty: Bool { bits == 0 }
    var count: Int { bits.nonzeroBitCount }

    func contains(_ value: Int) -> Bool {
        bits &>> UInt64(truncatingIfNeeded: value) & 1 == 1
    }

    mutating func insert(_ value: Int) {
        bits |= 1 << UInt64(truncatingIfNeeded: value)
    }

    mutating func formUnion(_ other: FieldSet) { bits |= other.bits }

    /// The smallest admitted value from `value` on.
    func first(atOrAfter value: Int) -> Int? {
        guard value < 64 else { return nil }
        let rest = bits & (~0 &<< UInt64(truncatingIfNeeded: value))
        return rest == 0 ? nil : rest.trailingZeroBitCount
    }

    /// All admitted values, smallest first.
    var values: [Int] { Array(each) }

    /// The same without an array, for the search for fire times.
    var each: Values { Values(rest: bits) }

    struct Values: Sequence, IteratorProtocol {
        fileprivate var rest: UInt64

        mutating func next() -> Int? {
            guard rest != 0 else { return nil }
            defer { rest &= rest &- 1 }
            return rest.trailingZeroBitCount
        }
    }
}

extension FieldSet {
    /// Every value of a range within 0...63.
    init(_ range: ClosedRange<Int>) {
        for value in range { insert(value) }
    }
}
