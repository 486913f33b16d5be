import Foundation
import Testing

/// What the README promises: its transcripts, its job file and its make targets.
@Suite struct ReadmeTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../..").standardizedFileURL
    private static let file = root.appending(path: "README.md")
    private static let pages = ["README.md", "docs/job-files.md", "docs/operations.md"].map {
        root.appending(path: $0)
    }

    /// The bodies of the fenced blocks of a language.
    private static func blocks(_ language: String, of page: URL = file) throws -> [String] {
        let parts = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "```\(language)\n")
        return parts.dropFirst().compactMap { $0.components(separatedBy: "```").first }
    }

    /// With `RECORD=1` the test writes the transcripts again and fails, so that nobody overlooks a recording.
    @Test func everyTranscriptShowsWhatTheCommandsPrint() throws {
        let shown = try Self.pages.flatMap { page in
            try Self.blocks("console", of: page).map { (page: page, block: $0) }
        }
        #expect(shown.count >= 4)
        for (page, block) in shown {
            let printed = try Transcript.replay(block, in: .recorded())
            guard ProcessInfo.processInfo.environment["RECORD"] == nil else {
                let text = try String(contentsOf: page, encoding: .utf8)
                try text.replacing(block, with: printed).write(to: page, atomically: true, encoding: .utf8)
                Issue.record("a transcript of \(page.lastPathComponent) was recorded")
                continue
            }
            #expect(block == printed, "\(page.lastPathComponent): RECORD=1 writes it anew")
        }
    }

    @Test func everyJobFileIsGood() throws {
        let files = try Self.pages.flatMap { try Self.blocks("yaml", of: $0) }
        #expect(!files.isEmpty)
        for file in files {
            let sandbox = try Sandbox()
            try sandbox.write(file, to: "readme/job.yml")
            // The channels that the pages name.
            let channels = ["OPS": "slack", "CHAT": "slack", "HC": "healthchecks"].map { name, service in
                ("ORCHESTRATE_NOTIFY_\(name)", "\(service)+https://example.com/hook")
            }
            let outcome = try sandbox.run(
                ["check", "readme"], environment: Dictionary(uniqueKeysWithValues: channels))
            #expect(outcome.code == 0, "\(outcome.out)")
        }
    }

    @Test func everyMakeTargetIsThere() throws {
        let makefile = try String(contentsOf: Self.root.appending(path: "Makefile"), encoding: .utf8)
        let commands = try Self.blocks("sh").flatMap { $0.split(separator: "\n") }
        #expect(!commands.isEmpty)
        for command in commands {
            let words = command.split(separator: " ")
            #expect(words.count >= 2 && words[0] == "make", "\(command)")
            #expect(makefile.contains("\n\(words[1]): "), "make has no target \(words[1])")
        }
    }
}
