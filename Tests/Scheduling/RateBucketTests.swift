import CivilTime
import TestSupport
import Testing

@testable import Scheduling

@Suite("RateBucket")
struct RateBucketTests {
    private static let window = Duration.seconds(61)

    @Test("Lets through exactly what a list of all earlier ones allows", arguments: Seeds.first(20))
    func slidingWindow(seed: UInt64) {
        var random = SplitMix(seed: seed)
        let perMinute = Int(random.int(1...30))
        var bucket = RateBucket(perMinute: perMinute)
        var taken: [Instant] = []
        var now = Instant.at("12:00")
        for _ in 0..<400 {
            now = now + .milliseconds(random.chance(30) ? random.int(0...9_000) : random.int(0...900))
            if random.chance(10) { now = bucket.nextFree(at: now) }
            let recent = taken.count { $0.duration(to: now) < Self.window }
            let free = bucket.nextFree(at: now)
            #expect((free == now) == (recent < perMinute))
            #expect(free >= now && free <= now + Self.window)
            guard bucket.take(at: now) == (recent < perMinute) else {
                Issue.record("\(recent) of \(perMinute) in the last 61 s")
                return
            }
            if recent < perMinute { taken.append(now) }
        }
        for (first, last) in zip(taken, taken.dropFirst(perMinute)) {
            #expect(first.duration(to: last) >= Self.window, "more than \(perMinute) in 61 s")
        }
    }

    @Test("It opens no later than it says, and not earlier")
    func nextFreeIsExact() {
        var bucket = RateBucket(perMinute: 2)
        #expect(bucket.take(at: .at("12:00")) == true)
        #expect(bucket.take(at: .at("12:00:30")) == true)
        #expect(bucket.nextFree(at: .at("12:00:31")) == .at("12:01:01"))
        #expect(bucket.take(at: .at("12:01:00.999")) == false)
        #expect(bucket.take(at: .at("12:01:01")) == true)
        #expect(bucket.nextFree(at: .at("12:01:02")) == .at("12:01:31"))
    }

    @Test func zeroIsNoLimit() {
        var bucket = RateBucket(perMinute: 0)
        for _ in 0..<1_000 { #expect(bucket.take(at: .at("12:00")) == true) }
        #expect(bucket.nextFree(at: .at("12:00")) == .at("12:00"))
    }

    @Test(
        "A clock that was set back closes it for no longer than a window",
        arguments: [1, 30, 62, 3_600, 86_400])
    func clockSetBack(seconds: Int64) {
        var bucket = RateBucket(perMinute: 3)
        for _ in 0..<3 { #expect(bucket.take(at: .at("12:00")) == true) }
        let now = Instant.at("12:00") - .seconds(seconds)
        #expect(bucket.nextFree(at: now) <= now + Self.window)
        let opens = bucket.nextFree(at: now)
        #expect(bucket.take(at: opens) == true)
    }
}
