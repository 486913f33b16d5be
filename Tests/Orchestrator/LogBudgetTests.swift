import CivilTime
import Scheduling
import Testing

@testable import Orchestrator

@Suite struct LogBudgetTests {
    private let start = Instant(seconds: 1_795_464_900)
    private let limit = 4 * 1_024 * 1_024

    private func notice(_ level: Notice.Level = .info) -> Notice {
        Notice(
            level, "triggered", "pipeline created, 412 ms after the fire time",
            run: RunID(job: "nightly_report", fireTime: start),
            pipelineURL: "https://gitlab.example.com/group/project/-/pipelines/1")
    }

    /// The bytes and lines of a week's log, at this many lines a minute.
    private func week(linesPerMinute: Int, _ level: Notice.Level = .info) -> (bytes: Int, lines: Int) {
        var budget = LogBudget(at: start)
        let look = LogLine(format: .json, isColoured: false)
        var (bytes, lines) = (0, 0)
        for minute in 0..<7 * 1_440 {
            let now = start.advanced(by: .seconds(60 * minute))
            for _ in 0..<linesPerMinute {
                for line in budget.lines(for: notice(level), at: now) {
                    bytes += look.text(of: line, at: now).utf8.count + 1
                    lines += 1
                }
            }
        }
        return (bytes, lines)
    }

    @Test(arguments: [1, 10, 100])
    func aWeekStaysBelowTheLimit(linesPerMinute: Int) {
        #expect(week(linesPerMinute: linesPerMinute).bytes < limit)
        #expect(week(linesPerMinute: linesPerMinute, .error).bytes < limit)
    }

    @Test func ordinaryWorkIsLoggedWhole() {
        #expect(week(linesPerMinute: 1).lines == 7 * 1_440)
    }

    @Test func whatIsLeftOutIsSaid() {
        var budget = LogBudget(at: start)
        var lines: [Notice] = []
        for _ in 0..<10_000 { lines += budget.lines(for: notice(), at: start) }
        #expect(lines.count < 2_000 && lines.last?.message.hasPrefix("the log is full") == true)
        let left = 10_000 - lines.count + 1
        #expect(!budget.lines(for: notice(.error), at: start).isEmpty, "errors have a share of their own")
        lines = budget.lines(for: notice(), at: start.advanced(by: .seconds(7_200)))
        #expect(lines.count == 1 && left > 0)
    }

    @Test func aClockThatIsSetBackDoesNoHarm() {
        var budget = LogBudget(at: start)
        #expect(budget.lines(for: notice(), at: start.advanced(by: .seconds(-86_400))).count == 1)
        #expect(budget.lines(for: notice(), at: .distantFuture).count == 1)
    }
}
