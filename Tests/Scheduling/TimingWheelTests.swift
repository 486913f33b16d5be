import CivilTime
import TestSupport
import Testing

@testable import Scheduling

@Suite("TimingWheel", .timeLimit(.minutes(10)))
struct TimingWheelTests {
    private let start = Instant.at("12:00")

    @Test("A random history gives what a sorted list gives", arguments: Seeds.first(40))
    func agreesWithASortedList(seed: UInt64) {
        var history = WheelHistory(seed: seed)
        for _ in 0..<300 { history.step() }
        history.runOut()
    }

    @Test func anEmptyWheelWantsNoWake() {
        var wheel = TimingWheel<String>(now: start)
        #expect(wheel.nextWake == nil)
        #expect(wheel.advance(to: start + .seconds(1 << 40)).isEmpty)
        #expect(wheel.count == 0)
    }

    @Test("Due exactly at the instant, not a microsecond before")
    func exact() {
        for distance in [1, 999, 1_000, 1_001, 63_999, 64_000, 4_096_000, 86_400_000_000] as [Int64] {
            var wheel = TimingWheel<String>(now: start)
            let due = start + .microseconds(distance)
            wheel.insert("a", due: due)
            #expect(wheel.advance(to: due - .microseconds(1)).isEmpty, "\(distance) µs")
            #expect(wheel.nextWake.map { $0 <= due } == true)
            #expect(wheel.advance(to: due).map(\.key) == ["a"], "\(distance) µs")
        }
    }

    @Test("On the lowest level the next wake is exact, however far behind the wheel is")
    func nextWakeIsExact() {
        var wheel = TimingWheel<String>(now: start)
        wheel.insert("b", due: start + .microseconds(500))
        wheel.insert("a", due: start + .microseconds(200))
        #expect(wheel.nextWake == start + .microseconds(200))
        wheel.insert("overdue", due: start - .seconds(5))
        #expect(wheel.nextWake.map { $0 <= start } == true)
        #expect(wheel.advance(to: start).map(\.key) == ["overdue"])
        #expect(wheel.nextWake == start + .microseconds(200))
    }

    @Test(
        "A timer is moved down at most seven times", arguments: [1, 60, 86_400, 40_000_000, 250_000_000_000])
    func fewWakes(seconds: Int64) {
        var wheel = TimingWheel<String>(now: start + .microseconds(123_457))
        let due = start + .seconds(seconds)
        wheel.insert("a", due: due)
        var wakes = 0
        while let wake = wheel.nextWake, wakes < 100 {
            wakes += 1
            #expect(wake <= due)
            if !wheel.advance(to: wake).isEmpty { #expect(wake == due) }
        }
        #expect(wheel.count == 0)
        #expect(wakes <= 8)
    }

    @Test func theEndsOfTimeAreNoTrap() {
        var wheel = TimingWheel<String>(now: start)
        wheel.insert("never", due: .distantFuture)
        wheel.insert("long ago", due: .distantPast)
        wheel.insert("beyond the rim", due: .at("9999-12-31T23:59:59Z"))
        #expect(wheel.advance(to: start).map(\.key) == ["long ago"])
        #expect(wheel.advance(to: .at("9999-12-31T23:59:59Z")).map(\.key) == ["beyond the rim"])
        #expect(wheel.advance(to: .distantFuture).map(\.key) == ["never"])
        var first = TimingWheel<String>(now: .distantPast)
        first.insert("a", due: start)
        #expect(first.advance(to: start).map(\.key) == ["a"])
    }

    @Test("Rebuilt: another time, other due times, some left out")
    func rebuilt() {
        var wheel = TimingWheel<Int>(now: start)
        for key in 0..<10 { wheel.insert(key, due: start + .seconds(Int64(key))) }
        var earlier = wheel.rebuilt(at: start - .seconds(3_600)) { entry in
            entry.key.isMultiple(of: 2) ? entry.due - .seconds(3_600) : nil
        }
        #expect(earlier.count == 5)
        #expect(earlier.now == start - .seconds(3_600))
        #expect(earlier.advance(to: start - .seconds(3_596)).map(\.key) == [0, 2, 4])
        #expect(wheel.count == 10)
    }
}

/// A wheel, and a sorted list that must agree with it.
private struct WheelHistory {
    private var random: SplitMix
    private var wheel: TimingWheel<Int>
    private var model: [Int: Instant] = [:]
    private var nextKey = 0

    init(seed: UInt64) {
        random = SplitMix(seed: seed)
        let start = Instant(microseconds: random.int(0...4_000_000_000_000_000))
        wheel = TimingWheel(now: start)
    }

    mutating func step() {
        switch random.int(0...9) {
        case 0...5: insert()
        case 6...8: advance(to: destination())
        default: if random.chance(20) { rebuild() }
        }
        check()
    }

    /// Follows the wheel's own wakes to the last timer. None may be late, and there must not be too many.
    mutating func runOut() {
        var wakes = 0
        while let wake = wheel.nextWake, wakes < 20_000 {
            wakes += 1
            advance(to: wake)
        }
        #expect(model.isEmpty && wheel.count == 0, "\(model.count) timers never rang")
    }

    private mutating func insert() {
        let due: Instant
        switch random.int(0...9) {
        case 0: due = wheel.now - .microseconds(random.int(0...5_000_000))
        case 1, 2: due = (model.values.randomElement(using: &random) ?? wheel.now)
        case 3:
            due =
                (model.values.randomElement(using: &random) ?? wheel.now)
                + .microseconds(random.int(0...1_000))
        case 4: due = .at("9000-01-01T00:00:00Z") + .seconds(random.int(0...10_000_000_000))
        // Milliseconds are as likely as centuries.
        default: due = wheel.now + .microseconds(random.int(0...(1 << random.int(1...52))))
        }
        wheel.insert(nextKey, due: due)
        model[nextKey] = due
        nextKey += 1
    }

    private mutating func destination() -> Instant {
        switch random.int(0...9) {
        case 0: return wheel.now - .milliseconds(random.int(1...10_000))
        case 1: return wheel.now
        case 2, 3: return wheel.nextWake ?? wheel.now
        case 4: return (wheel.nextWake ?? wheel.now) - .microseconds(1)
        case 5: return model.values.min() ?? wheel.now
        default: return wheel.now + .microseconds(random.int(0...(1 << random.int(1...44))))
        }
    }

    private mutating func advance(to instant: Instant) {
        let before = wheel.now
        let rang = wheel.advance(to: instant)
        let expected = model.filter { $0.value <= instant }
        #expect(
            Dictionary(rang.map { ($0.key, $0.due) }, uniquingKeysWith: { first, _ in first }) == expected)
        #expect(rang.count == expected.count, "a timer rang twice")
        #expect(zip(rang, rang.dropFirst()).allSatisfy { $0.due <= $1.due }, "not oldest first")
        #expect(wheel.now == max(before, instant))
        for key in expected.keys { model[key] = nil }
    }

    private mutating func rebuild() {
        let instant = wheel.now - .seconds(random.int(-100...10_000))
        let shift = Duration.microseconds(random.int(-5_000_000...5_000_000))
        wheel = wheel.rebuilt(at: instant) { $0.key.isMultiple(of: 7) ? nil : $0.due + shift }
        model = model.filter { !$0.key.isMultiple(of: 7) }.mapValues { $0 + shift }
    }

    private func check() {
        #expect(wheel.count == model.count)
        let earliest = model.values.min()
        #expect((wheel.nextWake == nil) == (earliest == nil))
        guard let wake = wheel.nextWake, let earliest else { return }
        #expect(wake <= earliest, "the wheel would wake too late")
    }
}
