import ArgumentParser
import Glibc
import JobFiles
import Orchestrator

@main
enum Program {
    static func main() {
        // Asked by scripts at each start; ArgumentParser would look at every command first.
        guard CommandLine.arguments.dropFirst() != ["--version"] else {
            return Output.line(Orchestrator.version)
        }
        do {
            let command = try Orchestrate.parsed()
            if let command = command as? any AsyncParsableCommand { runAlone(command) }
            var plain = command
            try plain.run()
        } catch {
            end(error)
        }
    }

    /// The main thread only waits. An async `main` would end it with `pthread_exit`, for which glibc loads libgcc_s: a
    /// library that the static binary has to do without.
    private static func runAlone(_ command: sending any AsyncParsableCommand) -> Never {
        Task(executorPreference: QueueExecutor("orchestrate")) {
            do {
                try await command.run()
                Glibc.exit(EXIT_SUCCESS)
            } catch {
                end(error)
            }
        }
        while true { pause() }
    }

    private static func end(_ error: any Error) -> Never {
        let failure = Failure(error)
        if !failure.text.isEmpty { Output.write(failure.text.printableLines, to: failure.stream) }
        Glibc.exit(failure.code)
    }
}

struct Orchestrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "orchestrate",
        abstract:
            "A cron scheduler that starts GitLab pipelines, and can say what became of every fire time.",
        discussion: """
            A job is a YAML file:

              $ cat jobs/nightly.yml
              pipeline_name: nightly
              scheduler: '30 2 * * MON-FRI'
              timezone: Europe/Berlin

              $ orchestrate check                  are the job files good?
              $ orchestrate next nightly           when does it run?
              $ orchestrate env                    what does the environment lack?
              $ orchestrate run                    schedule until told to stop
              $ orchestrate status                 how is it going?
              $ orchestrate why nightly last       what became of it?
              $ orchestrate audit                  is every fire time accounted for?

            Every command knows --jobs, --db, --log-format and --log-level; --json where data is printed. Data goes \
            to standard output, the log and errors to standard error. NO_COLOR is honoured.

            Exit codes: 0 fine, 1 it failed or problems were found, 64 wrong usage, 78 bad configuration (the \
            environment, the job files, a cron expression).

            Completions for bash, zsh and fish: orchestrate --generate-completion-script bash
            """,
        version: Orchestrator.version,
        subcommands: [
            RunCommand.self, TriggerCommand.self, CheckCommand.self, NextCommand.self, StatusCommand.self,
            HistoryCommand.self, WhyCommand.self, AuditCommand.self, PlanCommand.self, EnvCommand.self,
        ])

    /// In place of ArgumentParser's own `main`, which knows only 1 and 64 as exit codes of errors.
    ///
    /// The command that is the first word is read by itself: by way of the root that takes twice as long, and that is
    /// much of what a short command does. That way is left for help and errors. `_superCommandName` keeps ArgumentParser
    /// from looking for the options of a root.
    static func parsed() throws -> any ParsableCommand {
        try refuseUnknownCommand()
        let arguments = CommandLine.arguments.dropFirst()
        let command = configuration.subcommands.first { $0.configuration.commandName == arguments.first }
        guard let command, let parsed = try? command.parseAsRoot(Array(arguments.dropFirst())),
            type(of: parsed) == command
        else { return try parseAsRoot() }
        return parsed
    }

    /// Names the command that was probably meant, which ArgumentParser does not.
    private static func refuseUnknownCommand() throws {
        let known = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
        guard let word = CommandLine.arguments.dropFirst().first, !word.hasPrefix("-"), !known.contains(word)
        else {
            return
        }
        let hint = word.nearest(among: known) ?? known.joined(separator: ", ")
        throw Refusal(message: "there is no command '\(word)'", hint: hint, code: EX_USAGE)
    }
}
