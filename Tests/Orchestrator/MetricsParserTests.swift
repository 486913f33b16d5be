import Foundation
import Testing

@testable import Orchestrator

/// Prometheus' own parser reads what we write. `make test` says where there is no Python that has it.
@Suite struct MetricsParserTests {
    private static let python = ProcessInfo.processInfo.environment["ORCHESTRATE_METRICS_PYTHON"]

    private struct Sample: Decodable {
        var name: String
        var labels: [String: String]
        var value: String
    }

    private func read(_ text: [UInt8]) throws -> [Sample] {
        let file = URL(fileURLWithPath: NSTemporaryDirectory() + "metrics-\(UUID().uuidString).prom")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(text).write(to: file)
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../..")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.python ?? "")
        process.arguments = [root.appending(path: "Tests/ci/check_metrics.py").path, file.path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return try JSONDecoder().decode([Sample].self, from: data)
    }

    @Test(.enabled(if: python != nil, "no Python with prometheus-client"), .timeLimit(.minutes(5)))
    func `it finds every sample, and the names as they are`() throws {
        let samples = try read(try MetricsStory.metrics().text(at: MetricsStory.after(1)))
        #expect(samples.count == MetricsTests.expected.split(separator: "\n").count { !$0.hasPrefix("#") })
        func value(_ name: String, _ labels: [String: String]) -> String? {
            samples.first { $0.name == name && $0.labels == labels }?.value
        }
        let hostile = ["job": "Ab\"c\\d\ne"]
        #expect(value("orchestrate_next_fire_timestamp_seconds", hostile) == "1795478400.0")
        #expect(value("orchestrate_last_success_timestamp_seconds", ["job": "off"]) == "1795378499.5")
        #expect(value("orchestrate_skips_total", ["job": "nightly", "reason": "overlap"]) == "3.0")
        #expect(value("orchestrate_run_duration_seconds_sum", [:]) == "4058.35")
        #expect(try !read(Metrics().text(at: MetricsStory.start)).isEmpty)
    }
}
