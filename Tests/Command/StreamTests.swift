import Foundation
import Ledger
import Testing

/// Standard output and standard error: what goes to which, with which colors, and what happens without a reader.
@Suite struct StreamTests {
    let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    @Test(arguments: [["next"], ["history"], ["--help"]])
    func aReaderThatHasGoneIsNoError(_ arguments: [String]) throws {
        let outcome = try sandbox.run(arguments, output: .closedPipe)
        #expect(outcome.error == "")
        #expect(outcome.code == -SIGPIPE || outcome.code == 1)
    }

    @Test func aFullDiskIsAnError() throws {
        let outcome = try sandbox.run(["history"], output: .path("/dev/full"))
        #expect(outcome.error == "orchestrate: standard output: No space left on device\n")
        #expect(outcome.code == 1)
    }

    private static let colourful = ["GITLAB_CI": "true"]

    @Test(arguments: [
        (colourful, Binary.Sink.pipe, true),
        (colourful, .file, false),
        ([:], .pipe, false),
        (["CI": "true"], .pipe, false),
        (["GITLAB_CI": "true", "NO_COLOR": "1"], .pipe, false),
        (["GITLAB_CI": "true", "NO_COLOR": ""], .pipe, true),
        (["GITLAB_CI": "true", "TERM": "dumb"], .pipe, false),
    ])
    func coloursWhereTheyAreWanted(_ environment: [String: String], _ sink: Binary.Sink, _ areWanted: Bool)
        throws
    {
        let outcome = try sandbox.run(["status"], environment: environment, output: sink)
        #expect(outcome.code == 0)
        #expect(outcome.out.contains("\u{1B}[") == areWanted, "\(outcome.out)")
    }

    @Test func colouredTablesAreTheSameText() throws {
        let plain = try sandbox.run(["history"], output: .pipe).out
        let coloured = try sandbox.run(["history"], environment: Self.colourful, output: .pipe).out
        #expect(coloured.replacing(/\u{1B}\[[0-9]*m/, with: "") == plain)
    }

    @Test func jsonHasNoColours() throws {
        for command in ["check", "next", "status", "history", "env"] {
            let outcome = try sandbox.run([command, "--json"], environment: Self.colourful, output: .pipe)
            #expect(!outcome.out.contains("\u{1B}"), "\(command)")
        }
    }

    /// Names, GitLab's words and paths may hold characters that a terminal obeys.
    @Test func nothingOfTheInputReachesTheTerminalRaw() throws {
        let evil = "\u{1B}[2J\u{202E}\u{9B}x"
        for arguments in [
            ["next", evil], ["next", "--expression", evil], ["why", evil, "last"], ["history", "--db", evil],
            ["check", evil], [evil],
        ] {
            let outcome = try sandbox.run(arguments)
            let scalars = (outcome.out + outcome.error).unicodeScalars
            #expect(
                !scalars.contains("\u{1B}") && !scalars.contains("\u{9B}") && !scalars.contains("\u{202E}"),
                "\(arguments): \(outcome)")
            #expect(outcome.code != 0)
        }
    }
}
