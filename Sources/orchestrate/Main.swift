import ArgumentParser
import Glibc
import Orchestrator
import Text

@main
enum Program {
    /// Replaces ArgumentParser's own `main`, which knows only 1 and 64 as exit codes of errors.
    static func main() {
        Signals.hold()
        do {
            try Orchestrate.refuseUnknownCommand()
            let command = try Orchestrate.parseAsRoot()
            if let command = command as? any SchedulingCommand { runAlone(command) }
            Signals.release()
            var plain = command
            try plain.run()
        } catch {
            end(error)
        }
    }

    /// The main thread only waits. An async `main` would end it with `pthread_exit`, for which glibc loads the library
    /// libgcc_s. The static binary has to run without it.
    private static func runAlone(_ command: sending any SchedulingCommand) -> Never {
        do { try AddressSpaceLimit.heed() } catch { end(error) }
        let signals = Signals()
        Task(executorPreference: QueueExecutor("orchestrate")) {
            do {
                try await command.run(signals)
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
