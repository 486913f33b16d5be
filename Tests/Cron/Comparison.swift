import CivilTime
import TestSupport

@testable import Cron

extension Walker {
    /// The walker for a part of a zone: the spans around a window.
    init(_ spans: [Span], around window: Range<Int>) {
        // Far enough to include the other pass of a fold.
        let margin = 6 * 3_600
        var first = 0
        var end = spans.count
        while first < end {
            let middle = (first + end) / 2
            if spans[middle].end > window.lowerBound - margin { end = middle } else { first = middle + 1 }
        }
        self.init(spans: Array(spans[first...].prefix { $0.start < window.upperBound + margin }))
    }

    /// Asks a schedule for all fire times in a window, and for the next one from each of some moments. Returns the
    /// first difference; nil: there is none.
    func difference(
        _ schedule: Schedule, _ expression: KnownExpression, in window: Range<Int>, from moments: [Int]
    ) -> String? {
        let expected = fires(of: expression, by: schedule.shifts, in: window)
        var last = window.lowerBound - 1
        for fire in expected {
            guard let found = schedule.next(after: last) else { return schedule.told(last, nil, fire) }
            if found != fire { return schedule.told(last, found, fire) }
            last = fire
        }
        if let found = schedule.next(after: last), found < window.upperBound {
            return schedule.told(last, found, nil)
        }
        for moment in moments where window.contains(moment) {
            guard let following = expected.first(where: { $0 > moment }) else { continue }
            let found = schedule.next(after: moment, microseconds: 999_999)
            if found != following { return schedule.told(moment, found, following) }
        }
        return nil
    }
}

extension Schedule {
    /// The same with seconds since 1970.
    func next(after second: Int, microseconds: Int = 0) -> Int? {
        next(after: Instant(microseconds: Int64(second * 1_000_000 + microseconds))).map { Int($0.seconds) }
    }

    fileprivate func told(_ moment: Int, _ found: Int?, _ expected: Int?) -> String {
        func text(_ second: Int?) -> String { second.map { Instant(seconds: Int64($0)).rfc3339 } ?? "none" }
        return "\(expression) in \(zone) by \(shifts), SEED=\(Suite.seed): after \(text(moment)) comes "
            + "\(text(found)), not \(text(expected))"
    }
}
