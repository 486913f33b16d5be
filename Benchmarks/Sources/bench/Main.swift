import ArgumentParser
import Glibc

@main
struct Command: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures orchestrate beside its peers and beside what this machine allows.",
        discussion: """
            Everything runs in turns, so that a busy machine is busy for all: only the ratios mean something.
            BENCH_PEERS names the folder with the programs to compare with, BENCH_POSTGRES the URL of a server for \
            APScheduler; what is absent is skipped with a word.
            """,
        subcommands: [TableCommand.self, PostsCommand.self, SinkCommand.self],
        defaultSubcommand: TableCommand.self)
}

struct TableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "table", abstract: "Measure all and print the table.")

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Run all at SCHED_FIFO 10 (as root): the figures of a quiet machine on one that others use.")
    var realtime = false

    @Option(help: "Rounds of each measurement.")
    var rounds = 3

    @Option(help: "Folder for scratch files; it should be on the disk that a ledger would be on.")
    var scratch = ".build-bench/scratch"

    @Option(help: "The binary (default: the one beside this program).")
    var binary: String?

    @Argument(help: "Which: \(Experiment.all.map(\.name).joined(separator: ", ")) (default: all).")
    var names: [String] = []

    func validate() throws {
        guard rounds > 0 else { throw ValidationError("--rounds needs at least 1") }
        for name in names where !Experiment.all.contains(where: { $0.name == name }) {
            throw ValidationError("there is no experiment \(name)")
        }
    }

    func run() throws {
        if realtime { try takePriority() }
        let here = try Child.ownFolder()
        let scratch = try Folder(scratch)
        defer { scratch.remove() }
        let bench = Bench(
            binary: binary ?? "\(here)/orchestrate", hello: "\(here)/hello", own: "\(here)/bench",
            scratch: scratch, peers: Peers.fromEnvironment(), rounds: rounds, sink: try Sink())
        var rows: [Row] = []
        for experiment in Experiment.all where names.isEmpty || names.contains(experiment.name) {
            bench.tell(experiment.name)
            rows += experiment.rows(bench)
        }
        print(json ? Table.json(rows) : Table.text(rows))
    }

    /// Every program started from here inherits the priority, so it is the same for all.
    private func takePriority() throws {
        var parameters = sched_param(sched_priority: 10)
        guard sched_setscheduler(0, SCHED_FIFO, &parameters) == 0 else {
            throw Missing(description: "--realtime needs root")
        }
    }
}

/// A group of measurements that belong together.
struct Experiment: Sendable {
    let name: String
    let measure: @Sendable (Bench) throws -> [Row]

    static let all = [
        Experiment(name: "fires", measure: fires), Experiment(name: "dry-run", measure: dryRun),
        Experiment(name: "alone", measure: alone), Experiment(name: "start", measure: start),
        Experiment(name: "commands", measure: commands), Experiment(name: "memory", measure: memory),
        Experiment(name: "next", measure: next), Experiment(name: "wheel", measure: wheel),
        Experiment(name: "idle", measure: idle), Experiment(name: "burst", measure: burst),
        Experiment(name: "notices", measure: notices),
        Experiment(name: "history", measure: history), Experiment(name: "million", measure: million),
    ]

    /// The rows of the experiment. If it fails, there is one row that says why.
    func rows(_ bench: Bench) -> [Row] {
        do {
            return try measure(bench)
        } catch {
            return [Row(name, note: "failed: \(error)")]
        }
    }
}

/// What every experiment needs.
struct Bench {
    let binary: String
    let hello: String
    let own: String
    let scratch: Folder
    let peers: Peers
    let rounds: Int
    let sink: Sink

    func tell(_ words: String) {
        let line = Array("bench: \(words)\n".utf8)
        write(STDERR_FILENO, line, line.count)
    }
}
