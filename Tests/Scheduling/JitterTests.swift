import CivilTime
import Testing

@testable import Scheduling

@Suite("Jitter and the stable hash")
struct JitterTests {
    @Test(
        "FNV-1a as its authors publish it",
        arguments: [
            ("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8),
        ] as [(String, UInt64)])
    func hash(text: String, value: UInt64) {
        #expect(stableHash(text) == value)
    }

    @Test(
        "The delay of a name is the same in every process and for ever",
        arguments: [
            ("nightly", 600, 227_722), ("backup", 600, 131_159), ("nightly", 3_600, 454_270),
            ("ünïcode ☂", 60, 55_229),
        ] as [(String, Int64, Int64)])
    func golden(name: String, jitter: Int64, milliseconds: Int64) throws {
        let job = try Job.named(name, "@daily") { $0.jitter = .seconds(jitter) }
        #expect(job.delay == .milliseconds(milliseconds))
    }

    @Test func itIsBoundedAndSpread() throws {
        let job = try Job.named("", "@daily") { $0.jitter = .seconds(100) }
        let delays = (0..<1_000).map { number in
            var named = job
            named.name = "job-\(number)"
            return named.delay
        }
        #expect(delays.allSatisfy { $0 >= .zero && $0 <= .seconds(100) })
        for tenth in 0..<10 {
            let from = Duration.seconds(tenth * 10)
            let inside = delays.count { $0 >= from && $0 < from + .seconds(10) }
            #expect((50...200).contains(inside), "\(inside) of 1,000 in the \(tenth + 1)th tenth")
        }
    }

    @Test(
        "None, less than a millisecond, negative, endless",
        arguments: [
            Duration.zero, .microseconds(999), .seconds(-5), .microseconds(Int64.max),
        ])
    func extremes(jitter: Duration) throws {
        let job = try Job.named("a", "@daily") { $0.jitter = jitter }
        #expect(job.delay >= .zero)
        #expect(job.delay <= max(jitter, .zero))
    }

    @Test("A fire time keeps its name: only the moment it is due moves")
    func identityIsUnchanged() throws {
        let job = try Job.named("nightly", "0 3 * * *") { $0.jitter = .seconds(600) }
        let fireTime = Instant.at("2026-03-03T03:00:00Z")
        let due = fireTime + job.delay
        let before = job.plan(coveredThrough: .at("12:00"), open: 0, now: due - .milliseconds(1))
        #expect(before.claims.isEmpty && before.wake == due)
        let after = job.plan(coveredThrough: .at("12:00"), open: 0, now: due)
        #expect(after.claims == [fireTime] && after.coveredThrough == fireTime)
        #expect(job.lateness(of: fireTime, at: due) == .zero)
    }
}
