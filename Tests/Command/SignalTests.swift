import Foundation
import Testing

/// Signals that come before the process can listen to them.
@Suite struct SignalTests {
    /// Several times what the process and its libraries need to start, in ticks of the kernel's clock (10 ms).
    private static let ticksOfStart = 8
    /// Parsing this many options takes half a second.
    private static let options = 600

    @Test(.timeLimit(.minutes(1)), arguments: [SIGHUP, SIGTERM])
    func aSchedulerDoesNotEndByOneWhileItReadsItsCommandLine(_ number: Int32) throws {
        let options = (0..<Self.options).flatMap { _ in ["--jobs", "nowhere"] }
        let process = try started(["run"] + options)
        try waitUntil(process) { _, ticks in ticks >= Self.ticksOfStart }
        kill(process.processIdentifier, number)
        process.waitUntilExit()
        // The process has run to its own end: with an empty environment it exits with 78.
        #expect(process.terminationReason == .exit && process.terminationStatus == 78)
    }

    /// `check -` reads until its standard input ends, and here it never ends.
    @Test(.timeLimit(.minutes(1))) func anyOtherCommandEndsByIt() throws {
        let input = Pipe()
        let process = try started(["check", "-"], standardInput: input)
        try waitUntil(process) { state, _ in state == "S" }
        kill(process.processIdentifier, SIGHUP)
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGHUP)
        try input.fileHandleForWriting.close()
    }

    private func started(_ arguments: [String], standardInput: Any = FileHandle.nullDevice) throws -> Process
    {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Binary.path)
        process.arguments = arguments
        process.environment = [:]
        process.standardInput = standardInput
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try unblocked { try process.run() }
        return process
    }

    /// Waits until the kernel's line about the process satisfies `holds`, or the process has ended.
    ///
    /// - Parameter holds: takes the state (`S` sleeps) and the processor time in ticks. See proc_pid_stat(5).
    private func waitUntil(_ process: Process, _ holds: (_ state: Substring, _ ticks: Int) -> Bool) throws {
        let file = "/proc/\(process.processIdentifier)/stat"
        while process.isRunning, let text = try? String(contentsOfFile: file, encoding: .utf8) {
            // The fields from the third on follow the name in brackets. Fields 14 and 15 are the processor time.
            let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
            guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else { break }
            if holds(fields[0], user + system) { break }
            usleep(1_000)
        }
    }

    /// The threads of the tests block signals, and a child inherits that. So this thread unblocks them first.
    private func unblocked(_ run: () throws -> Void) throws {
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_UNBLOCK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try run()
    }
}
