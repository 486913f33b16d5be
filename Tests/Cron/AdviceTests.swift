import CivilTime
import TestSupport
import Testing

@testable import Cron

/// What is allowed but probably a mistake.
@Suite struct AdviceTests {
    @Test(
        arguments: [
            // Both day fields.
            (
                "0 0 13 * FRI", 5, "day-of-month", "both day fields are given, and either is enough",
                "'*' in one"
            ),
            (
                "0 0 1-31 * FRI", 5, "day-of-month",
                "both day fields are given, and either is enough: it fires every day; APScheduler", nil
            ),
            ("0 0 */2 * FRI", 5, "day-of-month", "both day fields must match", nil),
            ("0 0 13 * */2", 10, "day-of-week", "both day fields must match", nil),
            // Steps that do not divide their period.
            (
                "*/7 * * * *", 3, "minute", "step 7 begins anew each hour: from 56 to 0 it is 4, not 7",
                "@every 7m"
            ),
            ("5/20 * * * *", nil, "", "", nil),
            (
                "5/25 * * * *", 3, "minute", "step 25 begins anew each hour: from 55 to 5 it is 10, not 25",
                nil
            ),
            (
                "0 */5 * * *", 5, "hour", "step 5 begins anew each day: from 20 to 0 it is 4, not 5",
                "@every 5h"
            ),
            ("0 0 */2 * *", 7, "day-of-month", "step 2 begins anew each month", "@every 2d"),
            (
                "0 0 1 */5 *", 9, "month", "step 5 begins anew each year: from November to January it is 2",
                nil
            ),
            ("*/10 */6 1 */3 *", nil, "", "", nil),
            ("10-40/7 * * * *", nil, "", "", nil),
            // Days that some months lack.
            (
                "0 0 31 * *", 5, "day-of-month",
                "day 31 does not exist in February, April, June, September and N", "L"
            ),
            (
                "0 0 1,30 2,3 *", 7, "day-of-month", "day 30 does not exist in February: nothing fires there",
                "L"
            ),
            ("0 0 29 * *", 5, "day-of-month", "day 29 does not exist in February but in leap years", "L"),
            ("0 0 31W 4,5 *", 5, "day-of-month", "day 31 does not exist in April", "L"),
            ("0 0 31 1,3,5 *", nil, "", "", nil),
            ("0 0 25-31 * *", nil, "", "", nil),
            ("0 0 L * *", nil, "", "", nil),
            // Weekdays as numbers. APScheduler counted them from Monday.
            (
                "0 9 * * 1-5", 9, "day-of-week",
                "these numbers count from Sunday: Monday to Friday; APScheduler", "MON-FRI"
            ),
            (
                "0 9 * * 0,3", 9, "day-of-week", "these numbers count from Sunday: Wednesday and Sunday",
                "WED,SUN"
            ),
            (
                "0 9 * * MON,3", 13, "day-of-week",
                "these numbers count from Sunday: Wednesday; APScheduler counts", "WED"
            ),
            ("0 9 * * MON-FRI", nil, "", "", nil),
            ("0 9 * * 5-7", nil, "", "", nil),
            ("0 9 * * 0-6", nil, "", "", nil),
            ("0 9 * * 5L", nil, "", "", nil),
            // No advice.
            ("*/10 * * * *", nil, "", "", nil),
            ("@daily", nil, "", "", nil),
            ("@every 7m", nil, "", "", nil),
            ("nonsense", nil, "", "", nil),
        ] as [(String, Int?, String, String, String?)])
    func advises(_ text: String, _ column: Int?, _ field: String, _ message: String, _ hint: String?) throws {
        let advice = CronExpression.advice(on: text)
        guard let column else { return #expect(advice.isEmpty, "\(advice)") }
        let found = advice.filter { $0.column == column && $0.message.hasPrefix(message) }
        #expect(found.count == 1, "\(advice)")
        #expect(found.first?.field == field)
        if let hint { #expect(found.first?.hint?.hasPrefix(hint) == true, "\(found)") }
    }

    @Test func `all of it at once, in the order of the fields`() {
        let advice = CronExpression.advice(on: " */7 */5 31 * 1-5")
        #expect(advice.map(\.column) == [10, 4, 8, 10, 15])
    }

    @Test func `APScheduler's weekdays are one later`() {
        let messages = ["1", "6", "0", "*/2"].compactMap {
            CronExpression.advice(on: "0 0 * * \($0)").last?.message
        }
        #expect(
            messages.map { $0.split(separator: " took them for ").last ?? "" } == [
                "Tuesday", "Sunday", "Monday", "Monday, Wednesday, Friday and Sunday",
            ])
    }
}

/// What shifts of the clock do to a schedule in the coming year, in words.
@Suite struct ShiftEffectTests {
    private func words(_ text: String, _ zone: String, _ rule: ShiftRule = ShiftRule()) throws -> [String] {
        let schedule = Schedule(
            try CronExpression(text), in: try Suite.database.zone(named: zone), shifts: rule)
        return schedule.shiftEffects(
            after: try instant("2024-01-01T00:00:00Z"), until: try instant("2025-01-01T00:00:00Z")
        ).map(\.words)
    }

    @Test func `tells what becomes of a time`() throws {
        #expect(
            try words("30 2 * * *", "Europe/Berlin") == [
                "on 2024-03-31 clocks skip 02:00 to 03:00: 02:30 runs at 03:00",
                "on 2024-10-27 clocks show 02:00 to 03:00 twice: 02:30 runs the first time only",
            ])
        #expect(
            try words("5,25,45 2 * * *", "Australia/Lord_Howe") == [
                "on 2024-10-06 clocks skip 02:00 to 02:30: 02:05 and 02:25 run once, at 02:30"
            ])
        #expect(
            try words("*/10 2 * * *", "America/New_York") == [
                "on 2024-03-10 clocks skip 02:00 to 03:00: 02:00, 02:10, 02:20 and 3 more do not run"
            ])
        #expect(
            try words("30 1 * * *", "America/New_York", ShiftRule(overlap: .second)) == [
                "on 2024-11-03 clocks show 01:00 to 02:00 twice: 01:30 runs the second time only"
            ])
        #expect(
            try words("30 1 * * *", "America/New_York", ShiftRule(overlap: .both)) == [
                "on 2024-11-03 clocks show 01:00 to 02:00 twice: 01:30 runs both times"
            ])
        #expect(
            try words("30 2 * * *", "America/New_York", ShiftRule(gap: .skip)) == [
                "on 2024-03-10 clocks skip 02:00 to 03:00: 02:30 does not run"
            ])
        #expect(try words("30 2 * * MON", "Europe/Berlin").isEmpty)
        #expect(try words("30 4 * * *", "Europe/Berlin").isEmpty)
        #expect(try words("*/10 * * * *", "Europe/Berlin").isEmpty)
        #expect(try words("30 2 * * *", "UTC").isEmpty)
        #expect(try words("@every 10m", "Europe/Berlin").isEmpty)
    }

    @Test func `remarks on fire times`() throws {
        let berlin = try schedule("30 2 * * *", "Europe/Berlin")
        #expect(
            berlin.remark(on: try instant("2024-03-31T01:00:00Z"))
                == "clocks go forward: 02:30 does not exist, fires at 03:00")
        #expect(
            berlin.remark(on: try instant("2024-10-27T00:30:00Z"))
                == "clocks go back: 02:30 for the first time")
        #expect(berlin.remark(on: try instant("2024-10-28T01:30:00Z")) == nil)
        let wildcard = try schedule("*/30 * * * *", "Europe/Berlin")
        #expect(wildcard.remark(on: try instant("2024-03-31T01:00:00Z")) == nil)
        #expect(
            wildcard.remark(on: try instant("2024-10-27T01:30:00Z"))
                == "clocks went back: 02:30 for the second time")
        // A new clock is no daylight saving.
        let apia = try schedule("0 0 * * *", "Pacific/Apia")
        #expect(apia.remark(on: try instant("2011-12-30T10:00:00Z")) == nil)
        #expect(try schedule("@daily").remark(on: try instant("2024-03-31T00:00:00Z")) == nil)
    }
}

/// The daylight-saving rule that a job may choose.
@Suite struct ShiftRuleTests {
    private func fires(
        _ text: String, _ rule: ShiftRule, _ start: String, _ end: String
    ) throws -> [String] {
        let zone = try Suite.database.zone(named: "America/New_York")
        let schedule = Schedule(try CronExpression(text), in: zone, shifts: rule)
        return schedule.fires(after: try instant(start), through: try instant(end)).map {
            String($0.rfc3339.dropFirst(11).prefix(5))
        }
    }

    @Test func `a gap`() throws {
        let night = ("2024-03-10T05:00:00Z", "2024-03-10T09:00:00Z")
        func fires(_ text: String, _ gap: ShiftRule.Gap?) throws -> [String] {
            try self.fires(text, ShiftRule(gap: gap), night.0, night.1)
        }
        #expect(try fires("30 2 * * *", nil) == ["07:00"])
        #expect(try fires("30 2 * * *", .runAfter) == ["07:00"])
        #expect(try fires("30 2 * * *", .skip) == [])
        #expect(try fires("*/20 2 * * *", nil) == [])
        #expect(try fires("*/20 2 * * *", .runAfter) == ["07:00"])
        #expect(try fires("*/40 1-3 * * *", .runAfter) == ["06:00", "06:40", "07:00", "07:40"])
        #expect(try fires("0 3 * * *", .skip) == ["07:00"])
    }

    @Test func `a fold`() throws {
        let night = ("2024-11-03T04:30:00Z", "2024-11-03T07:30:00Z")
        func fires(_ text: String, _ overlap: ShiftRule.Overlap?) throws -> [String] {
            try self.fires(text, ShiftRule(overlap: overlap), night.0, night.1)
        }
        #expect(try fires("30 1 * * *", nil) == ["05:30"])
        #expect(try fires("30 1 * * *", .second) == ["06:30"])
        #expect(try fires("30 1 * * *", .both) == ["05:30", "06:30"])
        #expect(try fires("*/30 * * * *", .first) == ["05:00", "05:30", "07:00", "07:30"])
        #expect(try fires("*/30 * * * *", .second) == ["06:00", "06:30", "07:00", "07:30"])
        #expect(try fires("*/30 * * * *", .both) == ["05:00", "05:30", "06:00", "06:30", "07:00", "07:30"])
        #expect(
            try self.fires("30 1 * * *", ShiftRule(overlap: .second), "2024-11-03T05:45:00Z", night.1) == [
                "06:30"
            ])
        #expect(
            try self.fires("30 1 * * *", ShiftRule(overlap: .second), "2024-11-03T06:45:00Z", night.1) == [])
    }
}
