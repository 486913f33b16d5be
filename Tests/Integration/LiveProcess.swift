import Foundation
import Synchronization

/// A running `orchestrate`, heard line by line on its standard error.
final class LiveProcess: Sendable {
    struct TimedOut: Error, CustomStringConvertible {
        let description: String
    }

    private struct State {
        var lines: [String] = []
        var rest = ""
        var exitCode: Int32?
    }

    private let process: Mutex<Process>
    private let state = Mutex(State())
    let outputPath: String

    /// `ORCHESTRATE_BINARY`, or the one beside these tests.
    static let path: String = {
        if let given = ProcessInfo.processInfo.environment["ORCHESTRATE_BINARY"] { return given }
        return URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: "orchestrate").path
    }()

    init(
        _ arguments: [String], in directory: String, environment: [String: String], executable: String? = nil
    ) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable ?? Self.path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        outputPath = directory + "/" + UUID().uuidString + ".out"
        try Data().write(to: URL(fileURLWithPath: outputPath))
        process.standardOutput = FileHandle(forWritingAtPath: outputPath)
        let errors = Pipe()
        process.standardError = errors
        self.process = Mutex(process)
        errors.fileHandleForReading.readabilityHandler = { [weak self] handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil }
            self?.hear(String(decoding: data, as: UTF8.self))
        }
        process.terminationHandler = { [weak self] process in
            let isSignal = process.terminationReason == .uncaughtSignal
            let code = isSignal ? -process.terminationStatus : process.terminationStatus
            self?.state.withLock { $0.exitCode = code }
        }
        try process.run()
    }

    deinit { process.withLock { if $0.isRunning { kill($0.processIdentifier, SIGKILL) } } }

    var processID: Int32 { process.withLock { $0.processIdentifier } }
    var log: [String] { state.withLock(\.lines) }
    var output: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }

    func signal(_ number: Int32) { kill(processID, number) }

    /// Waits until a line with all of the words has been logged at least `times` times.
    func logs(_ words: String..., times: Int = 1, within seconds: Double = 30) async throws {
        try await until("\(words) \(times)x", seconds) { state in
            state.lines.count { line in words.allSatisfy(line.contains) } >= times
        }
    }

    /// Waits until so many lines are on standard output.
    func prints(lines: Int, within seconds: Double = 30) async throws {
        try await until("\(lines) lines of output", seconds) { _ in
            output.split(separator: "\n").count >= lines
        }
    }

    /// The exit code; minus the number of a signal that ended it.
    func exit(within seconds: Double = 30) async throws -> Int32 {
        try await until("exit", seconds) { $0.exitCode != nil }
        return state.withLock(\.exitCode) ?? .min
    }

    private func hear(_ text: String) {
        state.withLock { state in
            let pieces = (state.rest + text).split(separator: "\n", omittingEmptySubsequences: false)
            state.lines += pieces.dropLast().map(String.init)
            state.rest = pieces.last.map(String.init) ?? ""
        }
    }

    /// Waits for a condition on another process, which can only be looked at again and again; fails with the log
    /// when it does not come true in time.
    private func until(
        _ what: String, _ seconds: Double, _ condition: (borrowing State) -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while !state.withLock({ condition($0) }) {
            guard ContinuousClock.now < deadline else {
                throw TimedOut(
                    description: "\(what): not within \(seconds) s\n" + log.joined(separator: "\n"))
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
