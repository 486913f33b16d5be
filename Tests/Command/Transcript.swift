import Foundation
import Testing

/// A file in Golden. It has commands after `$ `, and below each what it printed. Lines of standard error begin with
/// `! `, and a last line in brackets is an exit code other than 0. To add a case, write its command and record.
struct Transcript: CustomTestStringConvertible {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Golden")

    static let all: [Transcript] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".txt") }.sorted().map { Transcript(name: $0) }
    }()

    let name: String

    var testDescription: String { name }
    private var file: URL { Self.folder.appending(path: name) }

    func text() throws -> String { try String(contentsOf: file, encoding: .utf8) }

    func record(_ text: String) throws { try text.write(to: file, atomically: true, encoding: .utf8) }

    /// The file as the current binary prints it.
    func replayed(in sandbox: Sandbox) throws -> String { try Self.replay(text(), in: sandbox) }

    /// A transcript as the current binary prints it.
    static func replay(_ text: String, in sandbox: Sandbox) throws -> String {
        var result = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("# ") { result += line + "\n" }
            guard line.hasPrefix("$ ") else { continue }
            result +=
                (result.isEmpty || result.hasPrefix("# ") && !result.contains("\n$") ? "" : "\n") + line
                + "\n"
            result += Self.shown(try Self.run(String(line.dropFirst(2)), in: sandbox))
        }
        return result
    }

    /// Runs `NAME=value … orchestrate arguments`, with words in single quotes as in a shell.
    private static func run(_ line: String, in sandbox: Sandbox) throws -> Outcome {
        var words = words(of: line)
        var environment: [String: String] = [:]
        while let word = words.first, word != "orchestrate" {
            let pair = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
                String.init)
            environment[pair[0]] = pair.count > 1 ? pair[1] : ""
            words.removeFirst()
        }
        return try sandbox.run(Array(words.dropFirst()), environment: environment)
    }

    private static func words(of line: String) -> [String] {
        line.split(separator: "'", omittingEmptySubsequences: false).enumerated().reduce(into: [""]) {
            words, part in
            if part.offset % 2 == 1 { return words[words.count - 1] += part.element }
            let pieces = part.element.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            words[words.count - 1] += pieces.first ?? ""
            words += pieces.dropFirst()
        }
    }

    private static func shown(_ outcome: Outcome) -> String {
        let errors = outcome.error.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        let code = outcome.code == 0 ? "" : "[\(outcome.code)]\n"
        return (outcome.out + errors.map { "! \($0)\n" }.joined() + code)
            .replacing("process \(getpid())", with: "process 4321")
    }
}
