import Foundation
import TestSupport
import Testing

@testable import JobFiles

/// Checks that the cost of reading does not grow faster than the input.
@Suite struct CostTests {
    @Test("Eight times as many files cost about eight times as much")
    func files() throws {
        let place = NSTemporaryDirectory() + "cost-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: place) }
        // Few enough for one core: the test measures only this thread's time.
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

    /// Files of the largest size, with the lines that take libyaml longest.
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

    @Test(arguments: ["://", "https://a/ ", ":", "x"]) func hooksInALongLine(_ piece: String) {
        func look(_ count: Int) {
            let line = Array(String(repeating: piece, count: count).utf8)
            #expect(HookURL.start(in: line[...]) == nil)
        }
        let ratio = cost(of: { look(16_000) }, over: { look(2_000) })
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
        // A line of text is no directive.
        let value = Reading.base + "variables:\n  A: |\n" + String(repeating: "    %TAG ! x\n", count: 200)
        #expect(Reading.problems(value) == [])
    }
}
