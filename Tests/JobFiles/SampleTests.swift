import Foundation
import Testing

@testable import JobFiles

/// The job files that come with the product.
@Suite struct SampleTests {
    @Test func theSamplesLoadWithoutAProblem() {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let loaded = Reading.files.load(paths: [root.appendingPathComponent("jobs").path])
        #expect(loaded.problems.map(\.description) == [])
        #expect(loaded.jobs.map(\.name) == ["example_job", "heartbeat", "nightly_report"])
    }
}
