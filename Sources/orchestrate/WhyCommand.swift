import ArgumentParser
import Glibc
import Ledger
import Orchestrator
import Scheduling
import Text

/// `orchestrate why`: what became of one fire time.
struct WhyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Tell what became of one fire time, or why nothing did.",
        discussion: """
            One sentence, then how the run went from state to state. A date alone lists the fire times of that day.

              $ orchestrate why nightly 2026-03-08T02:30
              $ orchestrate why nightly yesterday
              $ orchestrate why nightly@2026-03-08T07:00:00Z

            Exits 1 when nothing is known of such a fire time.
            """)

    @Argument(
        help: "The job's name, or a run id.", completion: .custom { words, _, _ in JobNames.all(words) })
    var job: String

    @Argument(
        help: ArgumentHelp(
            "The fire time: 2026-03-08T07:00:00Z, or 2026-03-08T02:30 on the clock of the job's zone, or last.",
            valueName: "time"),
        transform: Asked.init)
    var time: Asked?

    @OptionGroup var options: ReportOptions

    private var runID: RunID? { RunID(job) }
    private var name: String { runID?.job ?? job }

    func validate() throws {
        guard time != nil || runID != nil else {
            throw ValidationError(
                "a fire time is missing; it looks like \(TimeArgument.forms), or is the word last")
        }
    }

    func run() throws {
        let (path, now) = (options.ledger.path, options.clock.instant)
        let loaded = try Configuration.loadJobs([options.jobs.directory], .current)
        let book = try Ledger.existing(path)
        let declared = loaded.jobs.first { $0.name == name }
        let inquiry = Inquiry(name: name, job: declared, ledger: book, path: path, now: now)
        if declared == nil, try !inquiry.hasRuns() {
            throw Refusal.unknownJob(name, known: try loaded.usable().map(\.name))
        }
        let explanation = Explanation(
            name: name, zone: declared?.schedule.zone ?? .utc, now: now, jitter: declared?.delay ?? .zero)
        guard let asked = time ?? runID.map({ .at(.instant($0.fireTime)) }) else { return }
        if case .at(let time) = asked, let day = time.day(in: explanation.zone, now: now) {
            return try show(inquiry.findings(of: day), explanation)
        }
        let finding = try inquiry.finding(for: asked)
        show(finding, explanation)
        if case .nothing = finding { throw ExitCode.failure }
    }

    private func show(_ finding: Finding, _ explanation: Explanation) {
        if options.format.json { return Output.json(explanation.json(of: finding)) }
        Output.line(explanation.sentence(on: finding).printable())
        guard case .run(let history) = finding else { return }
        if let url = history.run.pipeline?.url, !url.isEmpty { Output.line(url.printable()) }
        Output.line("\n" + explanation.timeline(of: history).text(.of(STDOUT_FILENO)))
    }

    /// Prints the fire times of a day.
    private func show(_ findings: [Finding], _ explanation: Explanation) throws {
        if options.format.json {
            Output.json(.array(findings.map(explanation.json)))
        } else if findings.isEmpty {
            Output.line("\(name) has no fire time on that day in \(explanation.zone).".printable())
        } else {
            Output.line(explanation.table(of: findings).text(.of(STDOUT_FILENO)))
        }
        guard !findings.isEmpty else { throw ExitCode.failure }
    }
}

/// The fire time that the user asks about.
enum Asked {
    case last
    case at(TimeArgument)

    init(_ text: String) throws {
        if text == "last" {
            self = .last
        } else if let id = RunID(text) {
            self = .at(.instant(id.fireTime))
        } else if let time = try? TimeArgument(text) {
            self = .at(time)
        } else {
            throw ValidationError("a time looks like \(TimeArgument.forms), or is the word last")
        }
    }
}
