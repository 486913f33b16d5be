import TestSupport
import Testing

@testable import CivilTime
@testable import Cron

/// A schedule, a moment, and the next fire times.
struct FireRow: Sendable, CustomTestStringConvertible {
    let expression: String
    let zone: String
    let after: String
    let fires: [String]

    init(_ expression: String, _ zone: String = "UTC", after: String, _ fires: String...) {
        self.expression = expression
        self.zone = zone
        self.after = after
        self.fires = fires
    }

    var testDescription: String { "\(expression) \(zone) after \(after)" }

    /// Asks repeatedly, and checks that every moment between two fire times gets the same answer.
    func check() throws {
        let schedule = try schedule(expression, zone)
        var last = try instant(after)
        for expected in try fires.map(instant) {
            for moment in moments(from: last, to: expected) {
                #expect(schedule.next(after: moment) == expected, "after \(moment.rfc3339)")
            }
            last = expected
        }
    }

    private func moments(from start: Instant, to end: Instant) -> [Instant] {
        let length = end.microseconds - start.microseconds
        let moments = (0..<16).map { start.microseconds + length / 16 * $0 }
        let edges = [start.microseconds + 1, end.microseconds - 1].filter { $0 < end.microseconds }
        return (moments + edges).map(Instant.init(microseconds:))
    }
}

@Suite struct NextFireTests {
    static let calendar = [
        FireRow("* * * * *", after: "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z", "2026-01-01T00:02:00Z"),
        FireRow("*/15 * * * *", after: "2026-12-31T23:45:00Z", "2027-01-01T00:00:00Z"),
        FireRow(
            "30 9 * * 1-5", after: "2026-01-02T09:30:00Z", "2026-01-05T09:30:00Z", "2026-01-06T09:30:00Z"),
        FireRow("0 0 31 * *", after: "2026-01-31T00:00:00Z", "2026-03-31T00:00:00Z", "2026-05-31T00:00:00Z"),
        FireRow("0 0 29 2 *", after: "2096-01-01T00:00:00Z", "2096-02-29T00:00:00Z", "2104-02-29T00:00:00Z"),
        FireRow(
            "0 0 * 2 MON#5", after: "2072-01-01T00:00:00Z", "2072-02-29T00:00:00Z", "2112-02-29T00:00:00Z"),
        FireRow("0 0 L * *", after: "2023-12-31T00:00:00Z", "2024-01-31T00:00:00Z", "2024-02-29T00:00:00Z"),
        FireRow("0 0 L-3 2 *", after: "2025-03-01T00:00:00Z", "2026-02-25T00:00:00Z", "2027-02-25T00:00:00Z"),
        FireRow("0 0 LW * *", after: "2026-04-30T12:00:00Z", "2026-05-29T00:00:00Z", "2026-06-30T00:00:00Z"),
        // 1 August 2026 is a Saturday, 15 February 2026 a Sunday, 31 May a Sunday.
        FireRow("0 0 1W 8 *", after: "2026-01-01T00:00:00Z", "2026-08-03T00:00:00Z", "2027-08-02T00:00:00Z"),
        FireRow("0 0 15W * *", after: "2026-02-01T00:00:00Z", "2026-02-16T00:00:00Z", "2026-03-16T00:00:00Z"),
        FireRow("0 0 31W * *", after: "2026-03-31T00:00:00Z", "2026-05-29T00:00:00Z", "2026-07-31T00:00:00Z"),
        FireRow("0 0 * * 5L", after: "2026-01-01T00:00:00Z", "2026-01-30T00:00:00Z", "2026-02-27T00:00:00Z"),
        FireRow("0 0 * * 5#1", after: "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-02-06T00:00:00Z"),
        FireRow("0 0 * * 4#5", after: "2026-01-01T00:00:00Z", "2026-01-29T00:00:00Z", "2026-04-30T00:00:00Z"),
        // A match of one day field is enough, unless a field begins with a star.
        FireRow("0 0 13 * 5", after: "2026-02-06T00:00:00Z", "2026-02-13T00:00:00Z", "2026-02-20T00:00:00Z"),
        FireRow(
            "0 0 13 * */5", after: "2026-02-01T00:00:00Z", "2026-02-13T00:00:00Z", "2026-03-13T00:00:00Z"),
        FireRow("0 0 */2 * 5", after: "2026-02-01T00:00:00Z", "2026-02-13T00:00:00Z", "2026-02-27T00:00:00Z"),
    ]

    static let bounds = [
        FireRow("0 0 1 1 *", after: "0001-01-01T00:00:00Z", "0002-01-01T00:00:00Z"),
        FireRow("59 23 31 12 *", after: "9998-12-31T23:59:00Z", "9999-12-31T23:59:00Z"),
        FireRow("* * * * *", after: "1969-12-31T23:59:59.999999Z", "1970-01-01T00:00:00Z"),
        FireRow("0 0 1 3 *", after: "1899-06-01T00:00:00Z", "1900-03-01T00:00:00Z"),
        FireRow("0 0 29 2 *", after: "1896-03-01T00:00:00Z", "1904-02-29T00:00:00Z"),
        FireRow("@every 90s", after: "2026-01-01T00:00:00Z", "2026-01-01T00:01:30Z", "2026-01-01T00:03:00Z"),
        FireRow("@every 7m", "Asia/Kolkata", after: "1970-01-01T00:00:00Z", "1970-01-01T00:07:00Z"),
        FireRow("@every 7m", after: "1969-12-31T23:50:00Z", "1969-12-31T23:53:00Z", "1970-01-01T00:00:00Z"),
        FireRow("@every 36525d", after: "1970-01-01T00:00:01Z", "2070-01-01T00:00:00Z"),
    ]

    @Test(arguments: calendar + bounds)
    func `fires when it should`(_ row: FireRow) throws { try row.check() }

    @Test(
        arguments: ["* * * * *", "0 0 29 2 *", "@every 1s", "@every 36525d", "59 23 31 12 *"],
        ["UTC", "Asia/Tokyo"])
    func `takes every instant`(expression: String, zone: String) throws {
        let schedule = try schedule(expression, zone)
        let first = try #require(schedule.next(after: .distantPast))
        #expect(first >= (try instant("0001-01-01T00:00:00Z")))
        #expect(schedule.next(after: Instant(seconds: -100_000_000_000)) == first)
        #expect(schedule.next(after: .distantFuture) == nil)
        #expect(schedule.next(after: try instant("9999-12-31T23:59:59Z")) == nil)
        for power in 0..<63 {
            for microseconds in [Int64(1) << power, -(Int64(1) << power)] {
                let after = Instant(microseconds: microseconds)
                if let fire = schedule.next(after: after) { #expect(fire > after) }
            }
        }
    }

    @Test(arguments: ["* * * * *", "0 0 1 1 *", "@every 1s", "@every 1m"])
    func `the first second of the calendar is one of them`(expression: String) throws {
        let first = try instant("0001-01-01T00:00:00Z")
        #expect(try schedule(expression).next(after: .distantPast) == first)
        #expect(try schedule(expression).next(after: first.advanced(by: .microseconds(-1))) == first)
    }

    @Test func `wall clocks begin with the first year, also west of Greenwich`() throws {
        let newYork = try schedule("* * * * *", "America/New_York")
        #expect(newYork.next(after: .distantPast) == (try instant("0001-01-01T04:56:02Z")))
    }

    @Test func `and so is the last`() throws {
        let last = try instant("9999-12-31T23:59:59Z")
        #expect(try schedule("@every 1s").next(after: last.advanced(by: .microseconds(-1))) == last)
        #expect(try schedule("@every 1s").next(after: last) == nil)
    }

    /// The calendar repeats, including weekdays, and so do the zones' rules for the time after their files.
    @Test(arguments: Suite.isFull ? Suite.differentZones : Suite.zones)
    func `four hundred years later it is the same`(name: String) throws {
        var random = SplitMix(seed: Suite.seed)
        let zone = try Suite.database.zone(named: name)
        let cycle = 146_097 * 86_400
        for shape in try Shapes.all.get() {
            let schedule = Schedule(shape.expression, in: zone)
            for _ in 0..<3 {
                let moment = Int.random(in: 4_102_444_800..<16_000_000_000, using: &random)
                let cycles = Int.random(in: 1...18, using: &random)
                let fire = try #require(schedule.next(after: moment))
                let later = schedule.next(after: moment + cycles * cycle)
                guard later != fire + cycles * cycle else { continue }
                Issue.record("\(shape.known.text) in \(name) from \(moment), and \(cycles) cycles later")
            }
        }
    }

    @Test func `the end of the calendar is the end in every zone`() throws {
        for zone in Suite.zones {
            let schedule = try schedule("* * * * *", zone)
            let fires = schedule.fires(after: try instant("9999-12-30T00:00:00Z"), through: .distantFuture)
            #expect((1_000...2_880).contains(fires.count))
            #expect(fires.last?.rfc3339.hasPrefix("9999-12-31T") == true)
        }
    }

    @Test func `a wildcard job that lives in a gap for ever ends in nil`() throws {
        // Clocks that go forward at 02:00 on 21 March of every year.
        guard case .changing(let tail) = TailRuleParser.parse(Array("AAA0BBB,J80,J300".utf8)) else {
            Issue.record("the rule was not read")
            return
        }
        let zone = Zone(name: "Test/Gap", rules: ZoneRules(transitions: [], offsets: [0], tail: tail))
        let wildcard = Schedule(try CronExpression("*/30 2 21 3 *"), in: zone)
        #expect(wildcard.next(after: try instant("2026-01-01T00:00:00Z")) == nil)
        let fixed = Schedule(try CronExpression("30 2 21 3 *"), in: zone)
        #expect(
            fixed.next(after: try instant("2026-01-01T00:00:00Z")) == (try instant("2026-03-21T02:00:00Z")))
    }

    @Test func `every minute of a year fires once`() throws {
        for zone in Suite.zones.prefix(4) {
            let schedule = try schedule("* * * * *", zone)
            let start = try instant("2026-02-25T00:00:00Z")
            let end = try instant("2026-04-10T00:00:00Z")
            let fires = schedule.fires(after: start, through: end)
            #expect(fires.count == Int(end.seconds - start.seconds) / 60)
        }
    }
}
