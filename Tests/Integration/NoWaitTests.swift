import FakeGitLab
import Testing

/// `run --once --no-wait`, as a pipeline schedule starts it again and again.
@Suite(.timeLimit(.minutes(5))) struct NoWaitTests {
    @Test func eachStartCreatesWhatIsDueAndWaitsForNothing() async throws {
        let site = try await Site()
        try site.write(
            "scheduler: '@every 1s'\npipeline_name: steady\noverlap: allow\nvariables: {FAKE_DURATION: '600'}\n"
        )
        // The first start only notes the job, and the next ones may come within the same second.
        var starts = 0
        while site.pipelines().count < 2, starts < 50 {
            let answer = try await site.run("run", "--once", "--no-wait")
            #expect(answer.code == 0, "\(answer.log)")
            starts += 1
        }
        #expect(site.pipelines().values.allSatisfy { $0.count == 1 })
        let rows = try await site.history().filter { $0.pipelineId != nil }
        #expect(rows.count == 2 && rows.allSatisfy { $0.state == "triggered" }, "\(rows)")
    }

    @Test func onlyOnceCanDoWithoutWaiting() async throws {
        let answer = try await Site().run("run", "--no-wait")
        #expect(answer.code == 64 && answer.log.contains("--no-wait needs --once"))
    }
}
