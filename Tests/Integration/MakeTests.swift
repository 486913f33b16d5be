import Foundation
import Testing

/// Runs the commands of the README's first screen as printed. A stub replaces only the compiler: it has just built
/// these tests, and it does not like to be started by itself.
@Suite(.timeLimit(.minutes(15)))
struct MakeTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../..").standardizedFileURL.path

    /// Replaces `swift`: it prints a version, and finds everything built.
    private func compiler(in directory: String) throws -> String {
        let path = directory + "/swift"
        try "#!/bin/sh\necho 'Swift version 6.3 (stub)'\n".write(
            toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }

    private func make(_ target: String, in directory: String) throws -> LiveProcess {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let home = ProcessInfo.processInfo.environment["HOME"] ?? "/"
        // The binaries lie beside these tests, in a build folder of their own.
        let built = URL(fileURLWithPath: LiveProcess.path).deletingLastPathComponent().path
        return try LiveProcess(
            [
                "--no-print-directory", "-C", Self.root, target, "debug=\(built)",
                "SWIFT=\(compiler(in: directory))",
            ],
            in: directory, environment: ["PATH": path, "HOME": home, "NO_COLOR": "1"],
            executable: "/usr/bin/make")
    }

    @Test func makeRunShowsAPipelineRetriedAndRecordedWithinAMinute() async throws {
        let site = try await Site()
        let process = try make("run", in: site.directory)
        try await process.logs("heartbeat", "pipeline created", within: 40)
        try await process.logs("heartbeat", "the failed jobs run again", within: 40)
        try await process.logs("heartbeat", "succeeded", within: 40)
        // The command that it prints for another terminal finds its ledger.
        let hint = "in another terminal: "
        let line = process.output.split(separator: "\n").first { $0.contains(hint) } ?? ""
        let words = line.components(separatedBy: hint).last?.split(separator: " ").map(String.init) ?? []
        let status = try LiveProcess(Array(words.dropFirst()), in: Self.root, environment: [:])
        #expect(try await status.exit() == 0 && status.output.contains("A scheduler is running"))
        process.signal(SIGTERM)
        _ = try await process.exit(within: 15)
        #expect(process.output.contains("a simulated one plays it"))
        #expect(process.output.contains("What it did: ") && process.output.contains("orchestrate history"))
    }

    @Test func makeHelpNamesTheTargets() async throws {
        let site = try await Site()
        let process = try make("help", in: site.directory)
        #expect(try await process.exit() == 0)
        let targets = "setup build run dry-run test test-quick test-release lint release bench clean".split(
            separator: " ")
        for target in targets { #expect(process.output.contains("make \(target) ")) }
    }
}
