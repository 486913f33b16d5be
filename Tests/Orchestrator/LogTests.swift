import CivilTime
import Scheduling
import Testing

@testable import Orchestrator

@Suite struct LogTests {
    private let now = Instant(seconds: 1_795_464_900)
    private let run = RunID(job: "nightly", fireTime: Instant(seconds: 1_795_464_900))

    private func line(_ notice: Notice, _ format: Log.Format, coloured: Bool = false) -> String {
        LogLine(format: format, isColoured: coloured).text(of: notice, at: now)
    }

    private var triggered: Notice {
        Notice(
            .info, "triggered", "pipeline created", run: run, pipelineURL: "https://gitlab.example.com/p/1")
    }

    @Test func textNamesTimeRunAndPipeline() {
        #expect(
            line(triggered, .text)
                == "2026-11-23T20:15:00Z  info     nightly@2026-11-23T20:15:00Z  pipeline created  "
                + "https://gitlab.example.com/p/1")
    }

    @Test func jsonIsOneObject() {
        #expect(
            line(triggered, .json)
                == #"{"event":"triggered","job":"nightly","level":"info","message":"pipeline created","#
                + #""pipeline_url":"https://gitlab.example.com/p/1","#
                + #""run_id":"nightly@2026-11-23T20:15:00Z","time":"2026-11-23T20:15:00Z"}"#)
    }

    @Test func whatIsNotKnownIsLeftOut() {
        let notice = Notice(.warning, "gitlab", #"said "no" at /api\v4"#)
        let later = now.advanced(by: .microseconds(250_000))
        #expect(
            LogLine(format: .json, isColoured: false).text(of: notice, at: later)
                == #"{"event":"gitlab","level":"warning","message":"said \"no\" at /api\\v4","#
                + #""time":"2026-11-23T20:15:00.250Z"}"#)
        #expect(
            LogLine(format: .text, isColoured: false).text(of: notice, at: later)
                == #"2026-11-23T20:15:00Z  warning  said "no" at /api\v4"#)
    }

    @Test("Below the level nothing is written", arguments: Log.Format.allCases)
    func level(_ format: Log.Format) {
        let levels = Notice.Level.allCases
        #expect(levels == [.debug, .info, .warning, .error])
        let notices = levels.map { (notice: Notice($0, "event", "words"), at: now) }
        for (index, level) in levels.enumerated() {
            let log = Log(format: format, level: level, isColoured: false)
            let look = LogLine(format: format, isColoured: false)
            let expected = notices[index...].map { look.text(of: $0.notice, at: now) + "\n" }
            #expect(log.lines(of: notices) == expected.joined())
        }
    }

    @Test(arguments: Log.Format.allCases)
    func foreignWordsCannotBreakTheLine(_ format: Log.Format) {
        let notice = Notice(.error, "refused", "one\ntwo\u{1B}[31m\r\u{85}three")
        let text = line(notice, format)
        #expect(!text.contains { $0.isNewline || $0 == "\u{1B}" })
    }

    @Test func colourIsOnlyAroundTheLevel() {
        #expect(line(triggered, .text, coloured: true).contains("\u{1B}[32minfo   \u{1B}[0m  nightly"))
    }
}
