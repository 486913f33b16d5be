import CivilTime
import Testing

@testable import Scheduling

/// What the scheduler does with the pipelines that a survey finds.
extension SurveyTests {
    @Test("An open run whose pipeline failed long ago was given up; one that failed just now is retried")
    func failedLongAgo() throws {
        var open = Run(.run("a", "09:00"), state: .uncertain)
        (open.claimedAt, open.sentAt) = (.at("09:00"), .at("09:00"))
        for (changed, state) in [("09:10", "failed"), ("11:40", "retrying")] {
            let found = [open.id: [sighting(3, .failed, "09:00:01", changed: changed)]]
            var world = World(
                [try hourly { $0.retries = 2 }], at: "11:50", covered: ["a": .at("11:00")], open: [open],
                instances: [own], survey: found
            ) { $0.instance = 50 }
            world.tell(.identified(.success(own)))
            world.pass(.seconds(1))
            #expect(world.states == ["a@09:00 \(state)"])
        }
    }

    @Test("A pipeline that failed just now, with attempts left, is retried")
    func failedJustNow() throws {
        var world = blank(
            [try hourly { $0.retries = 2 }], at: "12:30",
            [.run("a", "12:00"): [sighting(3, .failed, "12:00:01", changed: "12:20")]])
        #expect(world.states == ["a@12:00 retrying"])
        world.pass(.seconds(30))
        #expect(world.take("listJobs") == ["listJobs a@12:00 3"])
    }

    @Test("Twins are resolved on the way")
    func twins() throws {
        var world = blank(
            [try hourly()], at: "12:30",
            [.run("a", "12:00"): [sighting(9, .going, "12:00:09"), sighting(3, .going, "12:00:01")]])
        #expect(world.rows[.run("a", "12:00")]?.pipeline?.id == 3)
        #expect(world.take("cancel") == ["cancel a@12:00 9"])
    }

    @Test(
        "Dates of the year 1 or of years ahead are those of no run: it begins after its fire time and is over by now"
    )
    func insaneDates() throws {
        for date in ["0001-01-01T00:00:00Z", "2036-01-01T00:00:00Z"] {
            let world = blank(
                [try hourly()], at: "12:30",
                [.run("a", "12:00"): [sighting(3, .succeeded, date, changed: date)]])
            let row = world.rows[.run("a", "12:00")]
            let (begin, end) = (try #require(row?.triggeredAt), try #require(row?.finishedAt))
            #expect(begin >= .at("12:00") && begin <= end && end <= .at("12:30"), "\(date)")
        }
    }

    @Test("A run id of before 1970 is none: no ledger keeps it")
    func beforeTheLedger() {
        #expect(RunID("a@1969-12-31T23:59:59Z") == nil && RunID("a@0001-01-01T00:00:00Z") == nil)
        #expect(RunID("a@1970-01-01T00:00:00Z")?.fireTime == Instant(seconds: 0))
    }

    @Test("A pipeline on another ref belongs to another scheduler with a job of that name")
    func stranger() throws {
        let world = blank(
            [try hourly()], at: "12:30", [.run("a", "12:00"): [sighting(9, .going, "12:00:09", ref: "dev")]])
        #expect(world.rows.isEmpty && world.covered == ["a": .at("12:30")])
    }
}
