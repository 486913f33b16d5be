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
}
