import CivilTime
import HeapModule
import Scheduling

/// Merges the fire times of spans into a list of runs, newest first.
struct SpanMerge {
    private var spans: Heap<Cursor>

    init(_ spans: [SkipSpan], _ filter: RunFilter) {
        self.spans = Heap(spans.compactMap { Cursor($0, filter) })
    }

    /// Returns at most `limit` runs, and does not make the rest.
    mutating func merge(_ runs: [Run], limit: Int?) -> [Run] {
        guard !spans.isEmpty else { return limit.map { Array(runs.prefix(max(0, $0))) } ?? runs }
        var merged: [Run] = []
        var rest = runs[...]
        while merged.count < limit ?? .max {
            if let newest = spans.max, rest.first.map({ newest.isBefore($0.id) }) ?? true {
                merged.append(newest.run)
                advance(newest)
            } else if let run = rest.popFirst() {
                merged.append(run)
            } else {
                break
            }
        }
        return merged
    }

    private mutating func advance(_ newest: Cursor) {
        if let next = newest.next { spans.replaceMax(with: next) } else { spans.removeMax() }
    }

    /// A fire time of a span. The merge lists the greatest one first.
    private struct Cursor: Comparable {
        let span: SkipSpan
        var position: Int
        let lowest: Int

        init?(_ span: SkipSpan, _ filter: RunFilter) {
            self.span = span
            position = span.fireTimes.count(before: filter.until ?? .distantFuture) - 1
            lowest = span.fireTimes.count(before: filter.since ?? .distantPast)
            guard position >= lowest else { return nil }
        }

        var fireTime: Instant { span.fireTimes[position] }
        var run: Run { span.run(at: fireTime) }

        var next: Cursor? {
            guard position > lowest else { return nil }
            var next = self
            next.position -= 1
            return next
        }

        func isBefore(_ id: RunID) -> Bool {
            (id.fireTime, span.job) < (fireTime, id.job)
        }

        static func < (left: Cursor, right: Cursor) -> Bool {
            (left.fireTime, right.span.job) < (right.fireTime, left.span.job)
        }

        static func == (left: Cursor, right: Cursor) -> Bool {
            left.fireTime == right.fireTime && left.span.job == right.span.job
        }
    }
}
