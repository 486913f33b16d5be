import CivilTime

/// Timers at random moments of a day, like the jobs of a scheduler.
public struct WheelWork {
    private let dues: [Instant]

    public init(timers: Int) {
        var random = Random(seed: 1)
        dues = (0..<timers).map { _ in
            Instant(microseconds: (1 + Int64(random.next() % 86_400_000)) * 1_000)
        }
    }

    public func filled() -> TimingWheel<Int> {
        var wheel = TimingWheel<Int>(now: Instant(microseconds: 0))
        for (index, due) in dues.enumerated() { wheel.insert(index, due: due) }
        return wheel
    }

    /// Lets every timer ring twice, the second time a minute after the first. Returns how many rings there were.
    public func drain(_ wheel: inout TimingWheel<Int>) -> Int {
        var rung = 0
        var isSecond = [Bool](repeating: false, count: dues.count)
        while let wake = wheel.nextWake {
            for entry in wheel.advance(to: wake) {
                rung += 1
                guard !isSecond[entry.key] else { continue }
                isSecond[entry.key] = true
                wheel.insert(entry.key, due: entry.due.advanced(by: .seconds(60)))
            }
        }
        return rung
    }
}

/// Numbers that are the same in every run (SplitMix64).
struct Random {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
