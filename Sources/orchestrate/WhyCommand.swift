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
            One sentence, then how the run went from state to state.

              $ orchestrate why nightly 2026-03-08T02:30

            Exits 1 when nothing is known of such a fire time.
            """)

    @Argument(help: "The job's name.", completion: .custom { words, _, _ in JobNames.all(words) })
    var job: String

    @Argument(
        help: ArgumentHelp(
            "The fire time: 2026-03-08T07:00:00Z, or 2026-03-08T02:30 on the clock of the job's zone, or last.",
            valueName: "time"),
        transform: Asked.init)
    var time: Asked

    @OptionGroup var options: ReportOptions

    func run() throws {
        let (path, now) = (options.ledger.path, options.clock.instant)
        let loaded = try Configuration.loadJobs([options.jobs.directory], .current)
        let book = try Ledger.existing(path)
        let declared = loaded.jobs.first { $0.name == job }
        let inquiry = Inquiry(name: job, job: declared, ledger: book, path: path, now: now)
        let finding = try inquiry.finding(for: time)
        if declared == nil, case .nothing = finding {
            let known = try loaded.usable().map(\.name)
            guard try inquiry.hasRuns() else { throw Refusal.unknownJob(job, known: known) }
        }
        show(finding, Explanation(name: job, zone: declared?.schedule.zone ?? .utc, now: now))
        if case .nothing = finding { throw ExitCode.failure }
    }

    private func show(_ finding: Finding, _ explanation: Explanation) {
        if options.format.json { return Output.json(explanation.json(of: finding)) }
        Output.line(explanation.sentence(on: finding).printable())
        guard case .run(let history) = finding else { return }
        if let url = history.run.pipeline?.url, !url.isEmpty { Output.line(url.printable()) }
        Output.line("\n" + explanation.timeline(of: history).text(.of(STDOUT_FILENO)))
    }
}

/// The fire time that is asked about.
enum Asked {
    case last
    case at(TimeArgument)

    init(_ text: String) throws {
        if text == "last" {
            self = .last
        } else if let time = try? TimeArgument(text) {
            self = .at(time)
        } else {
            throw ValidationError("a time looks like \(TimeArgument.forms), or is the word last")
        }
    }
}
