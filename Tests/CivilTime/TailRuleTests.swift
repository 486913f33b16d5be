import TestSupport
import Testing

@testable import CivilTime

@Suite struct TailRuleTests {
    /// A rule, an instant, and the UTC offset at that instant.
    @Test(arguments: [
        ("<+03>-3", "2026-07-01T00:00:00Z", 10_800),
        ("<-0930>9:30", "2026-07-01T00:00:00Z", -34_200),
        ("LMT-0:53:28", "2026-07-01T00:00:00Z", 3_208),
        ("AAA0BBB,J60/1:02:03,J300", "2026-03-01T01:02:02Z", 0),
        ("AAA0BBB,J60/1:02:03,J300", "2026-03-01T01:02:03Z", 3_600),
        ("EST5EDT,M3.2.0,M11.1.0", "2026-03-08T06:59:59Z", -18_000),
        ("EST5EDT,M3.2.0,M11.1.0", "2026-03-08T07:00:00Z", -14_400),
        ("EST5EDT,M3.2.0,M11.1.0", "2026-11-01T05:59:59Z", -14_400),
        ("EST5EDT,M3.2.0,M11.1.0", "2026-11-01T06:00:00Z", -18_000),
        ("AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-01-01T00:00:00Z", 39_600),
        ("AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-07-01T00:00:00Z", 36_000),
        ("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-07-01T00:00:00Z", 3_600),
        ("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-12-25T00:00:00Z", 0),
        // Half an hour of daylight saving.
        ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2026-01-01T00:00:00Z", 39_600),
        // Days of the year with and without 29 February, and day 0 is 1 January.
        ("AAA0BBB,J60/0,J300", "2024-02-29T23:59:59Z", 0),
        ("AAA0BBB,J60/0,J300", "2024-03-01T00:00:00Z", 3_600),
        ("AAA0BBB,59/0,J300", "2024-02-29T00:00:00Z", 3_600),
        ("AAA0BBB,0/0,J300", "2023-12-31T23:59:59Z", 0),
        ("AAA0BBB,0/0,J300", "2024-01-01T00:00:00Z", 3_600),
        // Times outside the day: as in Gaza, and on the evening before (Nuuk).
        ("EET-2EEST,M3.4.4/50,M10.4.4/50", "2026-03-27T23:59:59Z", 7_200),
        ("EET-2EEST,M3.4.4/50,M10.4.4/50", "2026-03-28T00:00:00Z", 10_800),
        ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z", -7_200),
        ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", -3_600),
        ("AAA0BBB,M1.1.1/-167,M7.1.0", "2025-12-29T01:00:00Z", 3_600),
        // Daylight saving all year.
        ("XXX3EDT4,0/0,J365/23", "2026-01-01T03:00:00Z", -14_400),
        ("XXX3EDT4,0/0,J365/23", "2026-07-01T00:00:00Z", -14_400),
    ])
    func `gives the offset`(text: String, at: String, offset: Int) throws {
        let footer = try #require(TailRuleParser.parse(Array(text.utf8)))
        let rules: ZoneRules
        switch footer {
        case .fixed(let offset): rules = ZoneRules(transitions: [], offsets: [Int32(offset)], tail: nil)
        case .changing(let tail): rules = ZoneRules(transitions: [], offsets: [0], tail: tail)
        }
        #expect(Zone(name: "Test", rules: rules).offset(at: try instant(at)) == offset)
    }

    @Test(arguments: [
        "", "E5", "EST", "5", "EST5EDT", "EST5EDT,", "EST5EDT,M3.2.0", "EST5EDT,M3.2.0,", "EST25", "<+03-3",
        "<+>-3", "EST5EDT,M13.1.0,M11.1.0", "EST5EDT,M0.1.0,M11.1.0", "EST5EDT,M3.6.0,M11.1.0",
        "EST5EDT,M3.1.7,M11.1.0", "EST5EDT,J0,J100", "EST5EDT,J366,J100", "EST5EDT,366,J100",
        "EST5EDT,M3.2.0/168,M11.1.0", "EST5EDT,M3.2.0,M11.1.0 ", "EST5:60", "EST-", "EST5EDT,M3.2.0,M3.2.0/3",
        "EST5EDT,J100,J100/3", "EST5EDT,M3.2.0,J73", "EST99999999999999999999",
    ])
    func `refuses what is not a rule`(text: String) {
        #expect(TailRuleParser.parse(Array(text.utf8)) == nil)
    }

    @Test func `changes are numbered without a gap for ten thousand years`() throws {
        guard case .changing(let rule) = TailRuleParser.parse(Array("AEST-10AEDT,M10.1.0,M4.1.0/3".utf8))
        else {
            Issue.record("the rule was not read")
            return
        }
        for second in stride(from: ZoneRules.earliest, to: ZoneRules.latest, by: 987_654_321) {
            let change = rule.lastChange(atOrBefore: second)
            #expect(change >= 0)
            #expect(rule.moment(ofChange: change) <= second)
            #expect(rule.moment(ofChange: change + 1) > second)
        }
    }
}
