import Foundation
import TestSupport
import Testing

@testable import JobFiles

/// A guard against reading that grows faster than what is read.
@Suite struct CostTests {
    @Test("Eight times as many files cost about eight times as much")
    func files() throws {
        let place = NSTemporaryDirectory() + "cost-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: place) }
        // Fewer than are read on several cores: only this thread's time is looked at.
        for (folder, count) in [("few", 100), ("many", 800)] {
            try FileManager.default.createDirectory(
                atPath: "\(place)/\(folder)", withIntermediateDirectories: true)
            for number in 0..<count {
                let text = "scheduler: '\(number % 60) 3 * * *'\npipeline_name: job-\(number)\n"
                try Data(text.utf8).write(to: URL(fileURLWithPath: "\(place)/\(folder)/\(number).yml"))
            }
        }
        func read(_ folder: String, _ count: Int) {
            #expect(Reading.files.load(paths: ["\(place)/\(folder)"]).jobs.count == count)
        }
        let ratio = cost(of: { read("many", 800) }, over: { read("few", 100) })
        #expect(ratio < 24, "\(ratio) times")
    }

    /// As large as a file may be, of what libyaml takes longest for.
    @Test(arguments: ["%TAG !{}! x\n", "%TAG ! x\n", "%TAG !{}! tag:x,2000:y\n--- !{}!z\n...\n"])
    func tagLines(_ line: String) throws {
        func text(_ count: Int) -> [UInt8] {
            let lines = (0..<count).map { line.split(separator: "{}").joined(separator: "\($0)") }
            return Array((lines.joined() + "--- {}\n").utf8)
        }
        let (few, many) = (text(1_000), text(8_000))
        let ratio = cost(
            of: { _ = Reading.files.read(many, file: "a") }, over: { _ = Reading.files.read(few, file: "a") })
        #expect(ratio < 24, "\(ratio) times")
    }

    @Test func fewTagLinesAreRead() {
        let lines = (0..<Limits.tagLines).map { "%TAG !\($0)! x\n" }.joined()
        let text = lines + "---\n" + Reading.base
        #expect(Reading.problems(text) == [])
        #expect(
            Reading.problems("%TAG !x! x\n" + text) == [
                "\(Limits.tagLines + 1):1: more than \(Limits.tagLines) lines with %TAG | remove them: tags are not supported"
            ])
        // Text is no directive.
        let value = Reading.base + "variables:\n  A: |\n" + String(repeating: "    %TAG ! x\n", count: 200)
        #expect(Reading.problems(value) == [])
    }
}
