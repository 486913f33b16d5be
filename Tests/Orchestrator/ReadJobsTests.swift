import CivilTime
import Foundation
import Testing

@testable import Orchestrator

/// What the log says about the job files when the process reads them.
@Suite final class ReadJobsTests {
    private let folder = NSTemporaryDirectory() + "jobs-" + UUID().uuidString
    private let now = Instant(seconds: 1_795_464_000)

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func words(_ jobs: Range<Int>, _ lines: String, rate: String = "0") throws -> [String] {
        let documents = jobs.map { "pipeline_name: j\($0)\n\(lines)\n" }
        try documents.joined(separator: "---\n").write(
            toFile: folder + "/job.yml", atomically: true, encoding: .utf8)
        let environment = Environment(["MELT_JOBS_HOME": folder, "ORCHESTRATE_RATE_PER_MINUTE": rate])
        let configuration = try Configuration(environment, flags: .init(), for: .rehearse)
        let (read, warnings) = try configuration.readJobsWithWarnings(at: now)
        #expect(read.count == jobs.count)
        return warnings.map { "\($0.level) \($0.message)".replacing(folder + "/", with: "") }
    }

    @Test func nothingToTell() throws {
        #expect(try words(0..<30, "scheduler: '@daily'", rate: "30") == [])
    }

    @Test func advice() throws {
        #expect(
            try words(0..<1, "scheduler: '@daily'\nvariables: {A: $B}") == [
                "warning job.yml:3:1: the value of 'A' has a '$', and GitLab puts a variable in its place; "
                    + "try: '$$' for a '$' that stays, or the value in the CI file: "
                    + "variables: {A: {value: …, expand: false}}"
            ])
    }

    @Test func herds() throws {
        for (count, others) in [(2, "1 other job"), (3, "2 other jobs")] {
            let found = try words(0..<count, "scheduler: '@daily'", rate: "1")
            #expect(found.count == 1)
            #expect(
                found[0].contains("\(count) runs wait at ") && found[0].contains("j0 and \(others) among"))
        }
    }

    @Test("Of many warnings some are shown, and of many jobs not all is looked at")
    func limits() throws {
        let odd = "scheduler: '@daily'\nvariables: {A: $B}"
        let most = Configuration.mostWarnings
        #expect(try words(0..<most, odd).count == most)
        let more = try words(0..<most + 2, odd)
        #expect(more.count == most + 1)
        #expect(more.last == "warning 2 more warnings about the job files: `orchestrate check` shows them")
        let many = Configuration.mostCounted + 1
        #expect(
            try words(0..<many, "scheduler: '@daily'", rate: "1")
                == [
                    "info with \(many) jobs, `run` looks for some warnings only: `orchestrate check` shows all"
                ])
        #expect(try words(0..<Configuration.mostAdvised + 1, odd).count == 1)
    }
}
