import Foundation
import Synchronization

/// A running `orchestrate`, whose standard error the test reads line by line.
final class LiveProcess: Sendable {
    struct TimedOut: Error, CustomStringConvertible {
        let description: String
    }

    private let process: Mutex<Process>
    private let exitCode = Mutex<Int32?>(nil)
    private let outputPath: String
    private let logPath: String

    /// `ORCHESTRATE_BINARY`, or the binary beside these tests.
    static let path: String = {
        if let given = ProcessInfo.processInfo.environment["ORCHESTRATE_BINARY"] { return given }
        return URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: "orchestrate").path
    }()

    /// `output` and `log`: where standard output and standard error go; nil: into files that this class reads.
    init(
        _ arguments: [String], in directory: String, environment: [String: String], executable: String? = nil,
        output: FileHandle? = nil, log: FileHandle? = nil
    ) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable ?? Self.path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        // Not in `directory`, which may be the checkout.
        let name = FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString
        outputPath = name + ".out"
        logPath = name + ".err"
        // Files, not pipes: nobody has to empty a file, and it keeps what a killed process wrote.
        for path in [outputPath, logPath] { try Data().write(to: URL(fileURLWithPath: path)) }
        process.standardOutput = output ?? FileHandle(forWritingAtPath: outputPath)
        process.standardError = log ?? FileHandle(forWritingAtPath: logPath)
        self.process = Mutex(process)
        process.terminationHandler = { [weak self] process in
            let isSignal = process.terminationReason == .uncaughtSignal
            let code = isSignal ? -process.terminationStatus : process.terminationStatus
            self?.exitCode.withLock { $0 = code }
        }
        try process.run()
    }

    deinit {
        process.withLock { if $0.isRunning { kill($0.processIdentifier, SIGKILL) } }
        for path in [outputPath, logPath] { unlink(path) }
    }

    var processID: Int32 { process.withLock { $0.processIdentifier } }
    /// The complete lines of standard error.
    var log: [String] {
        let text = (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? ""
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }
    var output: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }

    func signal(_ number: Int32) { kill(processID, number) }

    /// Waits until at least `times` lines with all of the words are in the log.
    func logs(_ words: String..., times: Int = 1, within seconds: Double = 30) async throws {
        try await until("\(words) \(times)x", seconds) {
            log.count { line in words.allSatisfy(line.contains) } >= times
        }
    }

    /// Waits until standard output has this many lines.
    func prints(lines: Int, within seconds: Double = 30) async throws {
        try await until("\(lines) lines of output", seconds) {
            output.split(separator: "\n").count >= lines
        }
    }

    /// The exit code, or minus the number of the signal that ended the process.
    func exit(within seconds: Double = 30) async throws -> Int32 {
        try await until("exit", seconds) { exitCode.withLock { $0 } != nil }
        return exitCode.withLock { $0 } ?? .min
    }

    /// Waits for a condition on another process by checking it again and again. Fails with the log if that takes too
    /// long.
    private func until(
        _ what: String, _ seconds: Double, _ condition: () -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while !condition() {
            guard ContinuousClock.now < deadline else {
                throw TimedOut(
                    description: "\(what): not within \(seconds) s\n" + log.joined(separator: "\n"))
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
