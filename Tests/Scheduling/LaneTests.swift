import CivilTime
import TestSupport
import Testing

@testable import Scheduling

@Suite("Lane")
struct LaneTests {
    private let noon = Instant.at("12:00")

    private func lane(_ ids: RunID..., perMinute: Int = 0) -> Lane {
        var lane = Lane(perMinute: perMinute)
        ids.forEach { lane.add($0) }
        return lane
    }

    /// Everything that the lane lets go at `now`.
    private func released(_ lane: inout Lane, at now: Instant) -> [String] {
        var ids: [String] = []
        while let id = lane.release(at: now), ids.count < 5_000 { ids.append(id.short) }
        return ids
    }

    @Test func oldestFirst() {
        var lane = lane(.run("b", "11:00"), .run("a", "10:59"), .run("c", "11:01"), .run("a", "11:00"))
        #expect(lane.nextRelease(at: noon) == noon)
        #expect(released(&lane, at: noon) == ["a@10:59", "a@11:00", "b@11:00", "c@11:01"])
        #expect(lane.nextRelease(at: noon) == nil)
        lane.add(.run("a", "10:00"))
        #expect(released(&lane, at: noon) == ["a@10:00"])
    }

    @Test func aPauseIsAPause() {
        var lane = lane(.run("a", "11:00"))
        lane.pause(until: .at("12:01"))
        lane.pause(until: .at("12:00:30"))
        #expect(lane.nextRelease(at: noon) == .at("12:01"))
        #expect(lane.release(at: .at("12:00:59.999")) == nil)
        #expect(lane.release(at: .at("12:01")) == .run("a", "11:00"))
    }

    @Test("After a failure one is tried at a time, until an answer gets through")
    func probing() {
        var lane = lane(.run("a", "11:00"), .run("b", "11:00"), .run("c", "11:00"))
        #expect(lane.release(at: noon) == .run("a", "11:00"))
        let second = lane.failed(at: noon, key: "4242")
        #expect(second > noon && lane.nextRelease(at: noon) == second)
        #expect(lane.failed(at: noon, key: "4242") == second, "what fails together counts once")
        #expect(lane.failures == 1)
        #expect(released(&lane, at: second) == ["b@11:00"])
        #expect(lane.nextRelease(at: second) == nil, "an answer has to come first")
        let third = lane.failed(at: second, key: "4242")
        #expect(lane.failures == 2)
        #expect(released(&lane, at: third) == ["c@11:00"])
        lane.add(.run("d", "11:00"))
        lane.add(.run("e", "11:00"))
        lane.answered()
        #expect(lane.failures == 0)
        #expect(released(&lane, at: third) == ["d@11:00", "e@11:00"])
    }

    @Test func removed() {
        var lane = lane(.run("a", "11:00"), .run("b", "11:00"), .run("c", "11:00"))
        #expect(lane.release(at: noon) == .run("a", "11:00"))
        lane.remove(.run("a", "11:00"))
        lane.remove(.run("b", "11:00"))
        lane.remove(.run("x", "11:00"))
        #expect(lane.waiting.map(\.short) == ["c@11:00"])
        #expect(released(&lane, at: noon) == ["c@11:00"])
    }

    @Test("A long queue keeps its order where the part that is gone is cut off")
    func longQueue() {
        var lane = Lane(perMinute: 0)
        let ids = (0..<1_500).map { RunID(job: "a", fireTime: noon + .seconds($0)) }
        for id in ids where !id.fireTime.seconds.isMultiple(of: 50) { lane.add(id) }
        for id in ids where id.fireTime.seconds.isMultiple(of: 50) { lane.add(id) }
        #expect(released(&lane, at: noon) == ids.map(\.short))
    }

    @Test("Agrees with a simple model", arguments: Seeds.first(20))
    func model(seed: UInt64) {
        var random = SplitMix(seed: seed)
        var pair = LaneAndModel(perMinute: Int(random.pick([0, 2, 5], else: 0)))
        for _ in 0..<150 { pair.step(&random) }
    }
}

/// A lane and a simple model of it.
private struct LaneAndModel {
    private var lane: Lane
    private let perMinute: Int
    private var now = Instant.at("12:00")
    private var waiting: [RunID] = []
    private var taken: [Instant] = []
    private var pausedUntil = Instant.distantPast
    private var retryAt = Instant.distantPast
    private var failures = 0
    private var isProbing = false
    private var nextID: Int64 = 0

    init(perMinute: Int) {
        lane = Lane(perMinute: perMinute)
        self.perMinute = perMinute
    }

    mutating func step(_ random: inout SplitMix) {
        now = now + .milliseconds(random.int(0...4_000))
        switch random.int(0...9) {
        case 0...3: add(&random)
        case 4: remove(&random)
        case 5...6: release()
        case 7: answered()
        case 8: failed()
        default:
            let until = now + .seconds(random.int(0...60))
            lane.pause(until: until)
            pausedUntil = max(pausedUntil, until)
        }
        #expect(Array(lane.waiting) == waiting.sorted())
        #expect(lane.failures == failures)
    }

    private mutating func add(_ random: inout SplitMix) {
        nextID += 1
        let id = RunID(job: "job \(nextID)", fireTime: .at("11:00") + .seconds(random.int(0...20)))
        waiting.append(id)
        lane.add(id)
    }

    private mutating func remove(_ random: inout SplitMix) {
        guard let id = waiting.randomElement(using: &random) else { return }
        waiting.removeAll { $0 == id }
        lane.remove(id)
    }

    private mutating func release() {
        let isOpen = perMinute == 0 || taken.count { $0.duration(to: now) < .seconds(61) } < perMinute
        let expected = isOpen && !isProbing && max(pausedUntil, retryAt) <= now ? waiting.min() : nil
        #expect((lane.nextRelease(at: now) == now) == (expected != nil))
        let released = lane.release(at: now)
        #expect(released == expected)
        guard let released else { return }
        waiting.removeAll { $0 == released }
        taken.append(now)
        isProbing = failures > 0
    }

    private mutating func answered() {
        lane.answered()
        (failures, isProbing, retryAt) = (0, false, .distantPast)
    }

    private mutating func failed() {
        let next = lane.failed(at: now, key: "4242")
        isProbing = false
        guard retryAt <= now else { return }
        failures += 1
        retryAt = next
    }
}
