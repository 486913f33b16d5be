import ArgumentParser
import Glibc
import JobFiles
import Orchestrator

/// The program: its commands, in the order of the help.
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
              $ orchestrate jobs                   which jobs are there?
              $ orchestrate next nightly           when does it run?
              $ orchestrate env                    what does the environment lack?
              $ orchestrate doctor                 what will fail?
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
            RunCommand.self, TriggerCommand.self, CheckCommand.self, JobsCommand.self, NextCommand.self,
            StatusCommand.self, HistoryCommand.self, WhyCommand.self, AuditCommand.self, PlanCommand.self,
            EnvCommand.self, DoctorCommand.self, NotifyCommand.self,
        ])

    /// Names that other tools use for these commands.
    private static let otherNames = [
        "list": "jobs", "ls": "jobs", "validate": "check", "lint": "check", "start": "run", "serve": "run",
        "daemon": "run", "schedule": "run", "logs": "history", "runs": "history", "log": "history",
        "explain": "why", "show": "why", "upcoming": "next", "ps": "status", "state": "status",
        "fire": "trigger", "alert": "notify", "test": "notify",
        "exec": "trigger", "verify": "audit", "dry-run": "run --dry-run", "config": "env",
        "version": "--version",
    ]

    /// Refuses an unknown command and proposes a similar one, which ArgumentParser does not do.
    static func refuseUnknownCommand() throws {
        let known = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
        guard let word = CommandLine.arguments.dropFirst().first, !word.hasPrefix("-"), !known.contains(word)
        else { return }
        let hint =
            otherNames[word.lowercased()] ?? word.nearest(among: known) ?? known.joined(separator: ", ")
        throw Refusal(message: "there is no command '\(word)'", hint: hint, code: EX_USAGE)
    }
}
