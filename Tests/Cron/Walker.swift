@testable import Cron

/// The rule of daylight saving, evaluated the slow way: every minute that a wall clock shows in a window, or
/// leaves out, is looked at. Instants are seconds since 1970.
struct Walker {
    /// A time with one UTC offset.
    struct Span {
        var start: Int
        var end: Int
        let offset: Int
    }

    private let spans: [Span]

    init(spans: [Span]) { self.spans = spans }

    /// `offset` tells the UTC offset at an instant.
    init(_ window: Range<Int>, offset: (Int) -> Int) {
        var spans = [
            Span(start: window.lowerBound, end: window.lowerBound, offset: offset(window.lowerBound))
        ]
        // No zone changes twice in so short a time.
        let step = 240
        for second in stride(from: window.lowerBound, to: window.upperBound, by: step) {
            let before = spans[spans.count - 1].offset
            let after = offset(second + step)
            if after != before {
                let change = (second + 1...second + step).first { offset($0) != before } ?? second + step
                spans[spans.count - 1].end = change
                spans.append(Span(start: change, end: change, offset: after))
            }
            spans[spans.count - 1].end = second + step
        }
        self.spans = spans
    }

    /// All fire times in the window, but for its first and last day, where it cannot see both sides of a shift.
    func fires(of expression: RandomExpression) -> [Int] {
        var fires: Set<Int> = []
        for (index, span) in spans.enumerated() {
            visit(expression, from: span.start + span.offset, to: span.end + span.offset) { wall in
                if !isRepeated(wall, in: index, for: expression) { fires.insert(wall - span.offset) }
            }
            guard index + 1 < spans.count, !expression.isWildcard else { continue }
            let gap = spans[index + 1].offset - span.offset
            guard gap > 0, gap <= 3 * 3_600 else { continue }
            visit(expression, from: span.end + span.offset, to: span.end + span.offset + gap) { _ in
                fires.insert(span.end)
            }
        }
        return fires.sorted()
    }

    /// Whether an earlier span, at most 3 hours of shift away, showed the same minute.
    private func isRepeated(_ wall: Int, in index: Int, for expression: RandomExpression) -> Bool {
        guard !expression.isWildcard else { return false }
        return spans[..<index].contains { earlier in
            let fold = earlier.offset - spans[index].offset
            let instant = wall - earlier.offset
            return fold > 0 && fold <= 3 * 3_600 && instant >= earlier.start && instant < earlier.end
        }
    }

    /// Calls `body` with the beginning of every matching wall-clock minute.
    private func visit(_ expression: RandomExpression, from: Int, to: Int, _ body: (Int) -> Void) {
        let firstDay = (from - (from % 86_400 + 86_400) % 86_400) / 86_400
        var day = firstDay
        while day * 86_400 < to {
            if expression.admits(NaiveDate(daysSince1970: day)) {
                visit(expression, onDay: day) { if $0 >= from, $0 < to { body($0) } }
            }
            day += 1
        }
    }

    private func visit(_ expression: RandomExpression, onDay day: Int, _ body: (Int) -> Void) {
        for hour in 0..<24 where expression.hours.contains(hour) {
            for minute in 0..<60 where expression.minutes.contains(minute) {
                body(day * 86_400 + hour * 3_600 + minute * 60)
            }
        }
    }
}
