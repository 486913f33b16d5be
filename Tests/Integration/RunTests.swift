import FakeGitLab
import Foundation
import Testing

/// The built binary against a simulated GitLab over loopback, as a user would run it.
@Suite(.timeLimit(.minutes(15)))
struct RunTests {
    private func job(_ name: String, every seconds: Int = 1, _ more: String = "") -> String {
        "scheduler: '@every \(seconds)s'\npipeline_name: '\(name)'\n\(more)\n"
    }

    @Test func everyFireTimeGetsItsPipelineUntilTheProcessIsToldToStop() async throws {
        let site = try await Site()
        // On a busy machine a pipeline may take longer than a second, and that must not cost a fire time.
        let job = job("steady", every: 1, "overlap: allow\ncatch_up: all\nvariables: {FAKE_DURATION: '0.1'}")
        try site.write(job)
        let process = try site.start("run")
        try await process.logs("steady", "succeeded", times: 4)
        process.signal(SIGTERM)
        #expect(try await process.exit(within: 8) == 0)
        let rows = try await site.history()
        #expect(rows.count >= 4)
        #expect(rows.count { $0.state == "succeeded" && $0.attempts == 1 } >= 4)
        #expect(rows.allSatisfy { $0.state == "succeeded" || $0.state == "triggered" }, "\(rows)")
        let pipelines = site.pipelines()
        for row in rows {
            #expect(pipelines[row.runId]?.map { $0.id } == row.pipelineId.map { [$0] })
        }
        // Each second has its row: nothing is missing between the first and the last.
        let seconds = rows.compactMap {
            ISO8601DateFormatter().date(from: $0.fireTime)?.timeIntervalSince1970
        }
        #expect(zip(seconds, seconds.dropFirst()).allSatisfy { $0 - $1 == 1 })
        for suffix in ["-wal", "-shm"] {
            #expect(!FileManager.default.fileExists(atPath: site.directory + "/ledger.db" + suffix))
        }
    }

    @Test func thePipelineCarriesTheVariablesOfTheJobAndOfTheRun() async throws {
        let site = try await Site()
        try site.write(
            job("marked", every: 1, "variables: {KEEP: 08, WORD: yes}\ninputs: {n: 1.10, on: true}"))
        let process = try site.start("run")
        try await process.logs("marked", "pipeline created")
        process.signal(SIGINT)
        #expect(try await process.exit(within: 8) == 0)
        let pipeline = try #require(site.gitlab.withModel { $0.pipelines.first })
        #expect(pipeline.variable("KEEP") == "08")
        #expect(pipeline.variable("WORD") == "yes")
        #expect(pipeline.variable("ORCHESTRATE_JOB") == "true")
        #expect(pipeline.variable("ORCHESTRATE_JOB_NAME") == "marked")
        #expect(pipeline.variable("ORCHESTRATE_INSTANCE") == "")
        let scheduledAt = try #require(pipeline.variable("ORCHESTRATE_SCHEDULED_AT"))
        #expect(pipeline.runID == "marked@\(scheduledAt)")
        #expect(pipeline.name == "orchestrate marked@\(scheduledAt)")
    }

    @Test func failedJobsAreRetriedAsOftenAsAllowed() async throws {
        let site = try await Site()
        try site.write(
            job("flaky", every: 3, "num_retries: 2\nvariables: {FAKE_DURATION: '0.1', FAKE_FAILURES: '1'}")
                + "---\n"
                + job(
                    "hopeless", every: 3,
                    "num_retries: 1\nvariables: {FAKE_DURATION: '0.1', FAKE_FAILURES: '9'}"))
        let process = try site.start("run")
        try await process.logs("flaky", "succeeded")
        try await process.logs("hopeless", "failed after")
        process.signal(SIGTERM)
        #expect(try await process.exit(within: 8) == 0)
        let rows = try await site.history()
        let flaky = try #require(rows.last { $0.job == "flaky" })
        #expect(flaky.state == "succeeded" && flaky.attempts == 2)
        let hopeless = try #require(rows.last { $0.job == "hopeless" })
        #expect(hopeless.state == "failed" && hopeless.attempts == 2)
        #expect(hopeless.reason?.contains("work") == true)
    }

    @Test func aRestartAfterKillCatchesUpWithoutDoubling() async throws {
        let site = try await Site()
        try site.write(
            job("steady", every: 1, "catch_up: all\noverlap: allow\nvariables: {FAKE_DURATION: '0.1'}"))
        let first = try site.start("run")
        try await first.logs("steady", "pipeline created", times: 2)
        first.signal(SIGKILL)
        #expect(try await first.exit() == -SIGKILL)
        try await Task.sleep(for: .seconds(2.5))  // Fire times have to pass without a scheduler.
        let second = try site.start("run")
        try await second.logs("steady", "succeeded", times: 4)
        second.signal(SIGTERM)
        #expect(try await second.exit(within: 8) == 0)
        let rows = try await site.history()
        let seconds = rows.compactMap {
            ISO8601DateFormatter().date(from: $0.fireTime)?.timeIntervalSince1970
        }
        #expect(zip(seconds, seconds.dropFirst()).allSatisfy { $0 - $1 == 1 }, "\(rows)")
        #expect(site.pipelines().allSatisfy { $0.value.count == 1 })
        #expect(rows.allSatisfy { $0.state != "lost" && $0.state != "skipped" })
    }

    @Test func aSecondSchedulerOnTheLedgerIsRefusedAndReadersAreNot() async throws {
        let site = try await Site()
        try site.write(job("steady", every: 1))
        let process = try site.start("run")
        try await process.logs("steady", "pipeline created")
        let second = try await site.run("run")
        #expect(second.code == 1)
        #expect(second.log.contains("\(process.processID)"))
        #expect(try await site.run("status").output.contains("steady"))
        #expect(try await !site.history().isEmpty)
        process.signal(SIGTERM)
        #expect(try await process.exit(within: 8) == 0)
    }

    @Test func triggerRunsAJobBesideARunningScheduler() async throws {
        let site = try await Site()
        try site.write(
            job(
                "rare", every: 86_400, "variables: {FAKE_DURATION: '0.3', FAKE_FAILURES: '1'}\nnum_retries: 1"
            ))
        let process = try site.start("run")
        try await process.logs("scheduling 1 job")
        let waited = try await site.run("trigger", "rare", "--wait")
        #expect(waited.code == 0, "\(waited.log)")
        let row = try #require(try await site.history().first)
        #expect(row.state == "succeeded" && row.attempts == 2 && row.runId.contains("."))
        let unknown = try await site.run("trigger", "rara")
        #expect(unknown.code == 1 && unknown.log.contains("rare"))
        // Without --wait, the running scheduler takes over.
        #expect(try await site.run("trigger", "rare").code == 0)
        process.signal(SIGTERM)
        #expect(try await process.exit(within: 8) == 0)
    }

    @Test func aSecondSignalEndsItAtOnce() async throws {
        let site = try await Site()
        try site.write(job("stuck", every: 1))
        site.gitlab.withModel { $0.add(.hang(on: .createPipeline, times: nil)) }
        let process = try site.start("run")
        try await process.logs("scheduling")
        try await Task.sleep(for: .seconds(1.5))  // A request has to be under way; no output shows it.
        process.signal(SIGTERM)
        try await process.logs("SIGTERM", "waits for the answer to one request")
        process.signal(SIGINT)
        #expect(try await process.exit(within: 2) == 128 + SIGINT)
    }

    @Test func aHangingRequestDoesNotHoldUpTheEnd() async throws {
        let site = try await Site()
        try site.write(job("stuck", every: 1))
        site.gitlab.withModel { $0.add(.hang(on: .createPipeline, times: nil)) }
        let process = try site.start("run")
        try await process.logs("scheduling")
        try await Task.sleep(for: .seconds(1.5))
        process.signal(SIGTERM)
        #expect(try await process.exit(within: 8) == 0)
    }

    @Test func hangupReadsTheJobsAgainAndABadSetChangesNothing() async throws {
        let site = try await Site()
        try site.write(job("first", every: 86_400))
        let process = try site.start("run")
        try await process.logs("scheduling 1 job")
        try site.write("scheduler: '61 * * * *'\npipeline_name: first\n")
        process.signal(SIGHUP)
        try await process.logs("the scheduler keeps the jobs that it has")
        #expect(process.log.contains { $0.contains("jobs/job.yml:1") && $0.contains("61") })
        try site.write(job("first", every: 86_400) + "---\n" + job("second", every: 1))
        process.signal(SIGHUP)
        try await process.logs("2 jobs, 1 new")
        try await process.logs("second", "pipeline created")
        process.signal(SIGTERM)
        #expect(try await process.exit(within: 8) == 0)
    }

    @Test func onceDoesWhatIsDueAndTellsHowItEnded() async throws {
        let site = try await Site()
        let fails = "variables: {FAKE_STATUS: failed, FAKE_DURATION: '0.1'}"
        try site.write(job("bad", every: 86_400, fails))
        let first = try await site.run("run", "--once")
        #expect(first.code == 0 && first.log.contains("nothing was due"), "\(first.log)")
        try site.write(job("bad", every: 1, fails))
        try await Task.sleep(for: .seconds(1.1))
        let second = try await site.run("run", "--once")
        #expect(second.code == 1, "\(second.log)")
        #expect(try await site.history().first?.state == "failed")
    }

    @Test func aDryRunSendsNothingAndWritesNothing() async throws {
        let site = try await Site()
        try site.write(job("steady", every: 1, "variables: {SECRET_WORD: hush}"))
        let process = try site.start("run", "--dry-run", with: ["CI_PIPELINE_TOKEN": ""])
        try await process.prints(lines: 2)
        process.signal(SIGTERM)
        #expect(try await process.exit(within: 8) == 0)
        let lines = process.output.split(separator: "\n")
        #expect(lines.count >= 2 && lines.allSatisfy { $0.contains("steady") && $0.contains("SECRET_WORD") })
        #expect(!process.output.contains("hush"))
        #expect(site.gitlab.withModel { $0.requestCounts.isEmpty })
        #expect(!FileManager.default.fileExists(atPath: site.directory + "/ledger.db"))
    }

    @Test func theTokenIsNowhereToBeFound() async throws {
        let site = try await Site()
        try site.write(job("steady", every: 1))
        for status in [401, 403, 500] {
            site.gitlab.withModel { $0.add(.status(status, on: .createPipeline)) }
        }
        let process = try site.start("run", "--log-format", "json", "--log-level", "debug")
        try await process.logs("triggered", times: 1, within: 60)
        process.signal(SIGTERM)
        _ = try await process.exit(within: 8)
        let environment = try await site.run("env", "--json")
        let ledger = try Data(contentsOf: URL(fileURLWithPath: site.directory + "/ledger.db"))
        #expect(!ledger.contains(Data(Site.token.utf8)))
        for text in [process.log.joined(), process.output, environment.output, environment.log] {
            #expect(!text.contains(Site.token))
        }
    }
}
