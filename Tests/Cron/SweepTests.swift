import TestSupport
import Testing

@testable import Cron

/// Compares fixed expressions at every shift of every zone with the walker on the C library's view of the zone. No code
/// of the module influences the expected result.
@Suite struct SweepTests {
    private static let zones = Suite.isFull ? Suite.differentZones : Suite.zones
    /// The years 1970 to 2099; some of them in a quick run.
    private static let period = Suite.isFull ? 0..<4_102_444_800 : 1_262_304_000..<1_420_070_400

    @Test(arguments: zones)
    func `all shifts from 1970 to 2100, with every shape of expression`(name: String) throws {
        let zone = try Suite.database.zone(named: name)
        let spans = try Zdump.spans(of: name)
        let shapes = try Shapes.all.get().map { ($0, Schedule($0.expression, in: zone)) }
        for (before, after) in zip(spans, spans.dropFirst()) where SweepTests.period.contains(after.start) {
            let fold = max(before.offset - after.offset, 0)
            let moments = [after.start - fold - 1, after.start - 1, after.start + fold / 2]
            for (shape, schedule) in shapes {
                let window = after.start - shape.reach..<after.start + shape.reach
                let walker = Walker(spans, around: window)
                let difference = walker.difference(
                    schedule, shape.known, in: window, from: shape.isRare ? [] : moments)
                if let difference { Issue.record("\(difference)") }
            }
        }
    }

    /// Shifts with the same time of day and the same offsets.
    private struct Kind: Hashable {
        let time: Int
        let before: Int
        let after: Int
    }

    /// One example of each kind: its zone and instant.
    private static func kinds() throws -> [(zone: String, shift: Int)] {
        var found: [Kind: (String, Int)] = [:]
        for name in zones {
            let spans = try Zdump.spans(of: name)
            for (before, after) in zip(spans, spans.dropFirst()) where after.start >= 0 {
                let time = (after.start + before.offset) % 86_400
                found[Kind(time: time, before: before.offset, after: after.offset)] = (name, after.start)
            }
        }
        return found.values.sorted { $0 < $1 }
    }

    @Test func `every kind of shift, with every rule`() throws {
        let kinds = try SweepTests.kinds()
        #expect(kinds.count > (Suite.isFull ? 150 : 30))
        for (name, shift) in kinds {
            let zone = try Suite.database.zone(named: name)
            for shape in try Shapes.all.get() {
                let window = shift - shape.reach..<shift + shape.reach
                let walker = Walker(try Zdump.spans(of: name), around: window)
                for rule in ShiftRule.all {
                    let schedule = Schedule(shape.expression, in: zone, shifts: rule)
                    let difference = walker.difference(
                        schedule, shape.known, in: window,
                        from: [shift - 1_800, shift - 1, shift, shift + 1_800])
                    if let difference { Issue.record("\(difference)") }
                }
            }
        }
    }

    /// From any moment, not only from a fire time, and also in a second pass, the answer is the first later fire time.
    @Test func `every kind of shift, from every minute`() throws {
        for (name, shift) in try SweepTests.kinds() {
            let zone = try Suite.database.zone(named: name)
            let window = shift - 5 * 3_600..<shift + 5 * 3_600
            let walker = Walker(try Zdump.spans(of: name), around: window)
            for shape in try Shapes.all.get() {
                let schedule = Schedule(shape.expression, in: zone)
                var rest = walker.fires(of: shape.known, in: window)[...]
                for moment in stride(from: window.lowerBound, to: window.upperBound, by: 59) {
                    rest = rest.drop { $0 <= moment }
                    guard let following = rest.first else { break }
                    let found = schedule.next(after: moment)
                    guard found != following else { continue }
                    Issue.record(
                        "\(shape.known.text) in \(name), after \(moment): \(String(describing: found))")
                }
            }
        }
    }
}
