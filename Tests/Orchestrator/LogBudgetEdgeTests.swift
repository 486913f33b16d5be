import CivilTime
import Scheduling
import Testing

@testable import Orchestrator

/// The budget to the byte. It has 256 KiB, of which 64 KiB are for warnings and errors. It refills by five bytes a
/// second, and writes lines again when 8 KiB are there.
@Suite struct LogBudgetEdgeTests {
    private let start = Instant(seconds: 1_795_464_900)
    private let fullWords =
        "the log is full: lines are left out for a while; the ledger has everything, see `history`"
    /// What a line costs beside its message.
    private let overhead = 180

    /// A notice that costs this many bytes.
    private func notice(_ level: Notice.Level, cost: Int = 1_024) -> Notice {
        Notice(level, "event", String(repeating: "x", count: cost - overhead))
    }

    private var full: Notice { Notice(.warning, "log", fullWords) }
    private var costOfFull: Int { overhead + fullWords.utf8.count }

    /// How many of the lines are written before the first one is left out.
    private func fitting(_ notice: Notice, in budget: inout LogBudget, at now: Instant) -> Int {
        for count in 0..<1_000 where budget.lines(for: notice, at: now) != [notice] { return count }
        return 1_000
    }

    @Test(
        "Debug and info stop at the reserve, warnings and errors at nothing",
        arguments: [(Notice.Level.debug, 192), (.info, 192), (.warning, 256), (.error, 256)])
    func reserve(level: Notice.Level, lines: Int) {
        var budget = LogBudget(at: start)
        #expect(fitting(notice(level), in: &budget, at: start) == lines)
    }

    @Test("What fits to the byte is written; one byte more is not")
    func edge() {
        for (more, isWritten) in [(0, true), (1, false)] {
            var budget = LogBudget(at: start)
            for _ in 0..<191 { _ = budget.lines(for: notice(.info), at: start) }
            let last = notice(.info, cost: 1_024 + more)
            #expect(budget.lines(for: last, at: start) == [isWritten ? last : full])
        }
    }

    @Test("The run and the address of the pipeline are paid for, too")
    func cost() {
        let run = RunID(job: "nightly", fireTime: start)
        let costs = overhead + "nightly".utf8.count + 20 + 17
        let words = String(repeating: "x", count: 1_024 - costs)
        let info = Notice(.info, "event", words, run: run, pipelineURL: "https://gitlab/p/")
        var budget = LogBudget(at: start)
        #expect(fitting(info, in: &budget, at: start) == 192)
        var longer = LogBudget(at: start)
        for _ in 0..<191 { _ = longer.lines(for: info, at: start) }
        #expect(longer.lines(for: notice(.info, cost: 1_025), at: start) == [full])
    }

    @Test("How many lines were left out is said before the next one", arguments: [1, 2, 1_000])
    func leftOut(count: Int) {
        var budget = LogBudget(at: start)
        let info = notice(.info)
        for _ in 0..<192 { _ = budget.lines(for: info, at: start) }
        for number in 1...count {
            #expect(budget.lines(for: info, at: start) == (number == 1 ? [full] : []))
        }
        let error = notice(.error)
        let said = Notice(.warning, "log", "\(count) lines were left out")
        #expect(budget.lines(for: error, at: start) == [said, error])
        #expect(budget.lines(for: error, at: start) == [error])
        #expect(budget.lines(for: info, at: start) == [full], "that counts anew")
    }

    @Test("Five bytes come back a second, and 8 KiB have to be there first")
    func fill() {
        var budget = LogBudget(at: start)
        let info = notice(.info)
        for _ in 0..<193 { _ = budget.lines(for: info, at: start) }
        let missing = costOfFull + 8 * 1_024 + 1_024
        let seconds = (missing + 4) / 5
        #expect(budget.lines(for: info, at: start.advanced(by: .seconds(seconds - 1))).isEmpty)
        let said = Notice(.warning, "log", "2 lines were left out")
        #expect(budget.lines(for: info, at: start.advanced(by: .seconds(seconds))) == [said, info])
    }

    @Test("Parts of a second are not lost", arguments: [100, 900, 1_000, 1_999])
    func partsOfSeconds(step: Int) {
        var budget = LogBudget(at: start)
        let error = notice(.error)
        let tooLong = notice(.error, cost: 100_000)
        for _ in 0..<256 { _ = budget.lines(for: error, at: start) }
        #expect(budget.lines(for: tooLong, at: start) == [full])
        let seconds = (costOfFull + 8 * 1_024 + 1_024 + 4) / 5
        for milliseconds in stride(from: step, to: 1_000 * (seconds - 1), by: step) {
            _ = budget.lines(for: tooLong, at: start.advanced(by: .milliseconds(milliseconds)))
        }
        #expect(budget.lines(for: error, at: start.advanced(by: .seconds(seconds - 1))).isEmpty)
        #expect(budget.lines(for: error, at: start.advanced(by: .seconds(seconds))).last == error)
    }

    @Test("The budget never grows above its size")
    func size() {
        var budget = LogBudget(at: start)
        let later = start.advanced(by: .seconds(100 * 86_400))
        #expect(fitting(notice(.info), in: &budget, at: later) == 192)
        #expect(fitting(notice(.info), in: &budget, at: .distantFuture) <= 192)
    }

    @Test("A clock that is set back and on again fills nothing twice")
    func clock() {
        var budget = LogBudget(at: start)
        let error = notice(.error)
        for _ in 0..<256 { _ = budget.lines(for: error, at: start) }
        let back = start.advanced(by: .seconds(-1_000))
        #expect(budget.lines(for: error, at: back) == [full])
        #expect(budget.lines(for: error, at: back.advanced(by: .seconds(10))).isEmpty)
    }
}
