import Cron
import TestSupport
import Testing

@testable import CivilTime

/// A draft of a zone file, so that tests can write any version and any damage.
struct ZoneFileDraft {
    var version: Character? = "2"
    var times: [Int] = [-1_000_000_000, 0, 1_000_000_000]
    var types: [UInt8] = [1, 2, 1]
    var offsets: [Int32] = [1_172, 3_600, 7_200]
    var leaps: [(time: Int, correction: Int32)] = []
    var footer = "\nCET-1\n"
    var magic = "TZif"

    var bytes: [UInt8] {
        guard let version else { return block(version: 0, timeSize: 4) }
        var empty = self
        (empty.times, empty.types, empty.offsets, empty.leaps) = ([], [], [0], [])
        let versionByte = version.asciiValue ?? 0
        return empty.block(version: versionByte, timeSize: 4) + block(version: versionByte, timeSize: 8)
            + Array(footer.utf8)
    }

    private func block(version: UInt8, timeSize: Int) -> [UInt8] {
        var bytes = Array(magic.utf8) + [version] + [UInt8](repeating: 0, count: 15)
        for count in [0, 0, leaps.count, times.count, offsets.count, 4] { bytes += big(count, 4) }
        bytes += times.flatMap { big($0, timeSize) } + types
        for offset in offsets { bytes += big(Int(offset), 4) + [0, 0] }
        bytes += Array("ABC\0".utf8)
        for leap in leaps { bytes += big(leap.time, timeSize) + big(Int(leap.correction), 4) }
        return bytes
    }

    private func big(_ value: Int, _ size: Int) -> [UInt8] {
        (0..<size).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}

@Suite struct ZoneFileTests {
    @Test(arguments: [nil, "2", "3", "4"] as [Character?])
    func `reads every version`(version: Character?) throws {
        let rules = try ZoneFile.rules(in: ZoneFileDraft(version: version).bytes)
        #expect(rules.transitions == [-1_000_000_000, 0, 1_000_000_000])
        #expect(rules.offsets == [1_172, 3_600, 7_200, 3_600])
        #expect(rules.tail == nil)
    }

    @Test func `only changes of the offset count`() throws {
        let draft = ZoneFileDraft(times: [0, 10, 20, 30], types: [1, 1, 2, 2], footer: "\n\n")
        let rules = try ZoneFile.rules(in: draft.bytes)
        #expect(rules.transitions == [0, 20])
        #expect(rules.offsets == [1_172, 3_600, 7_200])
    }

    @Test func `the footer begins with the last transition, even one that changes only a name`() throws {
        let july = 1_782_864_000  // 2026-07-01
        let draft = ZoneFileDraft(times: [0, july], types: [1, 1], footer: "\nCET-1CEST,M3.5.0,M10.5.0/3\n")
        let zone = Zone(name: "Test", rules: try ZoneFile.rules(in: draft.bytes))
        #expect(zone.offset(at: Instant(seconds: Int64(july) - 1)) == 3_600)
        #expect(zone.offset(at: Instant(seconds: Int64(july))) == 7_200)
    }

    @Test func `a single transition that changes nothing still begins the footer`() throws {
        let draft = ZoneFileDraft(times: [1_000], types: [0], footer: "\nCET-1\n")
        let rules = try ZoneFile.rules(in: draft.bytes)
        #expect(rules.transitions == [1_000])
        #expect(rules.offsets == [1_172, 3_600])
    }

    @Test func `the last transition may fall on a change of the footer and come from another offset`() throws
    {
        // On 29 March 2026 at 01:00Z, from three hours ahead to the footer's summer time.
        let change = 1_774_746_000
        let draft = ZoneFileDraft(
            times: [0, change], types: [1, 2], offsets: [0, 10_800, 7_200],
            footer: "\nCET-1CEST,M3.5.0,M10.5.0/3\n")
        let zone = Zone(name: "Test", rules: try ZoneFile.rules(in: draft.bytes))
        let schedule = Schedule(try CronExpression("30 3 * * *"), in: zone)
        let end = try instant("2026-03-31T00:00:00Z")
        let fires = sequence(first: try instant("2026-03-28T12:00:00Z")) { schedule.next(after: $0) }
            .dropFirst().prefix { $0 <= end }
        #expect(fires.map(\.rfc3339) == ["2026-03-29T00:30:00Z", "2026-03-30T01:30:00Z"])
    }

    @Test func `without transitions the footer holds for all time`() throws {
        let draft = ZoneFileDraft(
            times: [], types: [], offsets: [0], footer: "\nCET-1CEST,M3.5.0,M10.5.0/3\n")
        let zone = Zone(name: "Test", rules: try ZoneFile.rules(in: draft.bytes))
        #expect(zone.offset(at: try instant("1800-07-01T00:00:00Z")) == 7_200)
        #expect(zone.offset(at: try instant("0001-01-01T00:00:00Z")) == 3_600)
        let schedule = Schedule(try CronExpression("30 2 * * *"), in: zone)
        #expect(schedule.next(after: .distantPast) == (try instant("0001-01-01T01:30:00Z")))
    }

    @Test func `leap seconds are taken out`() throws {
        let draft = ZoneFileDraft(
            times: [-1_000_000_000, 100, 1_000_000_002], types: [1, 2, 1], leaps: [(100, 1), (200, 2)])
        let rules = try ZoneFile.rules(in: draft.bytes)
        #expect(rules.transitions == [-1_000_000_000, 99, 1_000_000_000])
    }

    @Test func `times beyond all years do no harm`() throws {
        let draft = ZoneFileDraft(times: [.min, 0, .max], types: [1, 2, 1], footer: "\nCET-2\n")
        let rules = try ZoneFile.rules(in: draft.bytes)
        #expect(rules.transitions == [0])
        #expect(rules.offsets == [3_600, 7_200])
    }

    @Test(arguments: [
        (ZoneFileDraft(magic: "TZff"), "it is not a time zone information file"),
        (ZoneFileDraft(times: [0, 0, 1]), "its transitions are out of order"),
        (ZoneFileDraft(types: [1, 2, 3]), "a transition names a local time type that is not there"),
        (ZoneFileDraft(types: [0, 1, 255]), "a transition names a local time type that is not there"),
        (ZoneFileDraft(offsets: [0, 0, 100_000]), "a UTC offset of 100000 seconds is out of range"),
        (ZoneFileDraft(offsets: [0, 0, .min]), "a UTC offset of -2147483648 seconds is out of range"),
        (ZoneFileDraft(leaps: [(5, 1), (5, 2)]), "its leap seconds are out of order or out of range"),
        (ZoneFileDraft(leaps: [(5, .max)]), "its leap seconds are out of order or out of range"),
        (ZoneFileDraft(footer: ""), "its footer is missing"),
        (ZoneFileDraft(footer: "\nCET-1"), "its footer is missing"),
        (ZoneFileDraft(footer: "\nEST5EDT\n"), "its footer is not a rule that can be read"),
        (ZoneFileDraft(times: [], types: [], offsets: []), "it is cut short or its counts are wrong"),
    ])
    func `refuses damage`(draft: ZoneFileDraft, reason: String) {
        let error = #expect(throws: ZoneFileError.self) { try ZoneFile.rules(in: draft.bytes) }
        #expect(error?.reason.hasPrefix(reason) == true, "\(String(describing: error))")
    }

    @Test func `refuses every shorter file, and a longer one`() throws {
        let bytes = ZoneFileDraft().bytes
        for length in bytes.indices {
            #expect(throws: ZoneFileError.self) { try ZoneFile.rules(in: Array(bytes[..<length])) }
        }
        #expect(throws: ZoneFileError.self) { try ZoneFile.rules(in: bytes + [0]) }
        #expect(throws: ZoneFileError.self) {
            try ZoneFile.rules(in: ZoneFileDraft(version: nil).bytes + [0])
        }
        let large = [UInt8](repeating: 0, count: ZoneFile.maxSize + 1)
        let error = #expect(throws: ZoneFileError.self) { try ZoneFile.rules(in: large) }
        #expect(error?.reason == "it is larger than 262144 bytes")
    }
}
