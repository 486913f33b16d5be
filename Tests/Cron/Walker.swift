import TestSupport

@testable import Cron

/// The rule of daylight saving, evaluated the slow way: the walker visits every admitted minute that a wall clock shows
/// or skips in a window.
struct Walker {
    /// By time, without gaps.
    let spans: [Span]
    /// A larger shift is a new clock.
    private let largestShift = 3 * 3_600

    /// All fire times in a window. The spans must reach some hours further, so that both sides of a shift are visible.
    func fires(
        of expression: KnownExpression, by rule: ShiftRule = ShiftRule(), in window: Range<Int>
    ) -> [Int] {
        let gap = rule.gap ?? (expression.isWildcard ? .skip : .runAfter)
        let overlap = rule.overlap ?? (expression.isWildcard ? .both : .first)
        var fires: [Int] = []
        for (index, span) in spans.enumerated() {
            let start = max(span.start, window.lowerBound)
            let end = min(span.end, window.upperBound)
            guard start <= end else { continue }
            for wall in times(of: expression, from: start + span.offset, to: end + span.offset)
            where isWanted(wall - span.offset, in: index, overlap) && fires.last != wall - span.offset {
                fires.append(wall - span.offset)
            }
            if gap == .runAfter, window.contains(span.end), skips(expression, after: index) {
                fires.append(span.end)
            }
        }
        return fires
    }

    /// Whether the clock skips an admitted minute at the end of a span.
    private func skips(_ expression: KnownExpression, after index: Int) -> Bool {
        guard index + 1 < spans.count else { return false }
        let before = spans[index].end + spans[index].offset
        let after = spans[index].end + spans[index + 1].offset
        guard before < after, after - before <= largestShift else { return false }
        return !times(of: expression, from: before, to: after).isEmpty
    }

    /// Whether an instant of a span lies in the requested pass. The wall clock may have shown the same time before, or
    /// show it again later.
    private func isWanted(_ instant: Int, in index: Int, _ overlap: ShiftRule.Overlap) -> Bool {
        let span = spans[index]
        switch overlap {
        case .both: return true
        case .first:
            guard instant - span.start < largestShift else { return true }
            return !spans[..<index].contains { other in
                let twin = instant + span.offset - other.offset
                return other.contains(twin) && instant - twin <= largestShift
            }
        case .second:
            guard span.end - instant <= largestShift else { return true }
            return !spans[(index + 1)...].contains { other in
                let twin = instant + span.offset - other.offset
                return other.contains(twin) && twin - instant <= largestShift
            }
        }
    }

    /// The admitted minutes of a wall clock from one second to before another. Both count from 1970.
    private func times(of expression: KnownExpression, from: Int, to: Int) -> [Int] {
        var result: [Int] = []
        var day = from >= 0 ? from / 86_400 : (from + 1) / 86_400 - 1
        while day * 86_400 < to {
            if expression.admits(day: day) {
                let midnight = day * 86_400
                var index = expression.firstTime(from: from - midnight)
                while index < expression.times.count, midnight + expression.times[index] < to {
                    result.append(midnight + expression.times[index])
                    index += 1
                }
            }
            day += 1
        }
        return result
    }
}

extension KnownExpression {
    /// The index of the first time of day at or after a second.
    fileprivate func firstTime(from second: Int) -> Int {
        var low = 0
        var high = times.count
        while low < high {
            let middle = (low + high) / 2
            if times[middle] < second { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
