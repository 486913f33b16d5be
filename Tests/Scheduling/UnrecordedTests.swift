import CivilTime
import Cron
import Testing

@testable import Scheduling

@Suite("Scheduler: what another instance has decided, and whose ledger is gone")
struct UnrecordedTests {
    private func world() throws -> World {
        let job = Job(name: "j", schedule: Schedule(try CronExpression("@every 1s"), in: .utc))
        let found = ["06:00", "09:00", "12:00"].enumerated().map { index, time in
            (RunID.run("j", time), [Sighting.of(Int64(index + 1), .succeeded)])
        }
        return World(
            [job], at: "12:00:00.500", covered: [:], survey: Dictionary(uniqueKeysWithValues: found))
    }

    @Test("Each of 21,600 fire times gets its row")
    func all() throws {
        var world = try world()
        world.pass(.zero)
        let skips = world.rows.values.filter { $0.reason?.hasPrefix("unrecorded") == true }
        #expect(skips.count == 21_600 - 2)
        #expect(Set(world.rows.keys.map(\.fireTime)).count == 21_601)
        #expect(world.rows[.run("j", "09:00")]?.state == .succeeded)
        #expect(world.covered["j"] == .at("12:00"))
        world.pass(to: "12:00:01")
        #expect(world.take("post") == ["post j@12:00:01"])
    }

    @Test("Until they all have one, the ledger is no latest copy")
    func half() throws {
        var scheduler = try world().scheduler
        var batches = 0
        while !scheduler.isUpToDate, batches < 100 {
            let decision = scheduler.handle(.woke, at: .at("12:00:00.500"))
            #expect(decision.changes.count <= 4 && decision.posts.isEmpty)
            _ = scheduler.handle(.committed(duplicates: []), at: .at("12:00:00.500"))
            batches += 1
        }
        #expect(batches == 2)
    }
}
