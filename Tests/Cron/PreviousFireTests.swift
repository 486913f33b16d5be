import CivilTime
import TestSupport
import Testing

@testable import Cron

/// A run's interval begins where the one before it ended: `previous(before:)` undoes `next(after:)`.
@Suite struct PreviousFireTests {
    private static let zones = Suite.isFull ? Suite.differentZones : Suite.zones
    private static let period = Suite.isFull ? 0..<4_102_444_800 : 1_262_304_000..<1_420_070_400

    @Test("Around every shift of every zone no interval leaves a gap, and none overlaps", arguments: zones)
    func intervals(name: String) throws {
        let zone = try Suite.database.zone(named: name)
        let spans = try Zdump.spans(of: name)
        let shapes = try Shapes.all.get().filter { !$0.isRare }
        for shift in spans.dropFirst().map(\.start) where Self.period.contains(shift) {
            for shape in shapes {
                for rule in [ShiftRule(), ShiftRule(gap: .skip, overlap: .both)] {
                    let schedule = Schedule(shape.expression, in: zone, shifts: rule)
                    expectChain(of: schedule, around: shift, shape.reach, "\(shape.expression) in \(name)")
                }
            }
        }
    }

    private func expectChain(of schedule: Schedule, around shift: Int, _ reach: Int, _ words: String) {
        var last = schedule.next(after: Instant(seconds: Int64(shift - min(reach, 7_200))))
        for _ in 0..<6 {
            guard let start = last, let end = schedule.next(after: start) else { return }
            #expect(schedule.previous(before: end) == start, "\(words): before \(end.rfc3339)")
            last = end
        }
    }

    @Test("Any moment after a fire time, up to the next one, has it as the previous one")
    func moments() throws {
        let schedule = try schedule("30 1 * * *", "America/New_York")
        let fires = ["2024-11-02T05:30:00Z", "2024-11-03T05:30:00Z", "2024-11-04T06:30:00Z"]
        let instants = try fires.map(instant)
        for (start, end) in zip(instants, instants.dropFirst()) {
            for step: Duration in [.microseconds(1), .seconds(1), .milliseconds(1_500), .seconds(80_000)] {
                #expect(schedule.previous(before: start.advanced(by: step)) == start)
            }
            #expect(schedule.previous(before: end) == start)
        }
    }

    @Test("Fire times may be decades apart")
    func rare() throws {
        let leap = try schedule("0 0 * 2 MON#5", "UTC")
        #expect(try leap.previous(before: instant("2112-02-29T00:00:00Z")) == instant("2072-02-29T00:00:00Z"))
        #expect(try leap.previous(before: instant("2072-02-29T00:00:00Z")) == instant("2044-02-29T00:00:00Z"))
        #expect(try leap.previous(before: instant("9999-12-31T23:59:59Z")) != nil)
    }

    @Test("There is none before 1970, and none of a schedule that never fires")
    func none() throws {
        let minutely = try schedule("* * * * *", "UTC")
        #expect(minutely.previous(before: Instant(seconds: 60)) == Instant(seconds: 0))
        #expect(minutely.previous(before: Instant(seconds: 0)) == nil)
        #expect(minutely.previous(before: .distantPast) == nil)
        #expect(minutely.previous(before: .distantFuture) != nil)
        #expect(try schedule("0 0 1 1 *", "UTC").previous(before: Instant(seconds: 1)) == Instant(seconds: 0))
    }
}
