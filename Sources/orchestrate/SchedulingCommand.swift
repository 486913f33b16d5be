import ArgumentParser
import Orchestrator
import Scheduling

/// A command that schedules. It runs until its work is done or a signal ends it.
protocol SchedulingCommand: ParsableCommand {
    func run(_ signals: Signals) async throws
}

/// Turns the scheduler's ending into the exit code of the command.
func end(with ending: Ending) throws {
    guard ending.code == 0 else { throw ExitCode(ending.code) }
}
