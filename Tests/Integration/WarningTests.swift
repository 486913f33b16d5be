import Foundation
import Testing

/// What `run` reports and refuses before it schedules.
@Suite struct WarningTests {
    @Test("What `check` warns of is in the log at the start and at a reload, and so is a token in clear")
    func warnings() async throws {
        let site = try await Site()
        // 0.0.0.0 reaches this machine, but is not a loopback address.
        let process = try site.start("run", with: ["CI_API_V4_URL": "http://0.0.0.0:\(site.port)/api/v4"])
        try await process.logs("warning", "CI_API_V4_URL begins with http://")
        try await process.logs(
            "warning", "jobs: no job files in this folder; try: a file that ends in .yml or .yaml")
        try await process.logs("scheduling 0 jobs")
        try site.write("pipeline_name: odd\nscheduler: '*/7 0 1 1 *'\nvariables: {A: $B}\n")
        process.signal(SIGHUP)
        try await process.logs("warning", "jobs/job.yml:3:1: the value of 'A' has a '$'")
        try await process.logs("warning", "jobs/job.yml:2:", "minute field")
        process.signal(SIGTERM)
        #expect(try await process.exit(within: 8) == 0)
        for words in ["no job files", "has a '$'", "begins with http"] {
            #expect(process.log.count { $0.contains(words) } == 1, "\(words)")
        }
    }

    @Test("More jobs than a minute takes are told, too")
    func herd() async throws {
        let site = try await Site()
        let jobs = ["a", "b"].map { "pipeline_name: \($0)\nscheduler: '@daily'\n" }
        try site.write(jobs.joined(separator: "---\n"))
        let limit = ["ORCHESTRATE_RATE_PER_MINUTE": "1"]
        let (code, _, log) = try await site.run("run", "--dry-run", "--once", with: limit)
        #expect(code == 0 && log.contains("2 runs wait at "))
        #expect(log.contains("a and 1 other job among them"))
        let roomy = try await site.run("run", "--dry-run", "--once")
        #expect(roomy.code == 0 && roomy.log.isEmpty)
    }

    @Test("Outside CI the jobs are in the folder of that name")
    func outside() async throws {
        let site = try await Site()
        try site.write("pipeline_name: a\nscheduler: '@yearly'\n")
        let process = try site.start("run", with: ["MELT_JOBS_HOME": ""])
        try await process.logs("scheduling 1 job")
        process.signal(SIGTERM)
        #expect(try await process.exit(within: 8) == 0)
    }

    @Test("A malformed project puts no ledger aside", arguments: ["4242\r", "\"4242\"", " 4242", "04242"])
    func ledger(project: String) async throws {
        let site = try await Site()
        try site.write("pipeline_name: a\nscheduler: '@yearly'\n")
        let first = try await site.run("run", "--once")
        #expect(first.code == 0, "\(first.log)")
        let file = URL(fileURLWithPath: site.directory + "/ledger.db")
        let before = try Data(contentsOf: file)
        let (code, _, log) = try await site.run("run", "--once", with: ["CI_PROJECT_ID": project])
        #expect(code == 78 && log.contains("CI_PROJECT_ID is “"), "\(log)")
        #expect(try Data(contentsOf: file) == before)
        let names = try FileManager.default.contentsOfDirectory(atPath: site.directory)
        #expect(!names.contains { $0.contains("project-") || $0.contains("corrupt-") }, "\(names)")
    }
}
