import FakeGitLab
import Testing

@Suite struct FakeGitLabRetryTests {
    @Test("A3: a job that GitLab never retries says so each time")
    func notRetryable() {
        var gitlab = fake()
        let id = gitlab.create(["FAKE_FAILURES": "1", "FAKE_RETRYABLE": "false"])
        gitlab.advance(to: start + 10 * second)
        let job = gitlab.jobs(ofPipeline: id)[0].id
        for seconds in [10.0, 70, 130] {
            let answer = gitlab.send("POST", "/jobs/\(job)/retry", at: seconds)
            #expect(answer.status == 403)
            #expect(answer.json["message"].text == "403 Forbidden - Job is not retryable")
            #expect(gitlab.send("POST", "/pipelines/\(id)/retry", at: seconds).status == 201)
        }
        #expect(gitlab.jobs(ofPipeline: id).map(\.status) == [.failed])
        #expect(gitlab.jobs(ofPipeline: id)[0].isRetried == false)
    }

    @Test("A3: a job is retried up to the limit")
    func retriesOfOneJob() {
        var gitlab = fake { $0.retriesPerJob = 2 }
        let id = gitlab.create(["FAKE_FAILURES": "9"])
        let statuses = [10.0, 20, 30].map { seconds in
            gitlab.advance(to: start + Int64(seconds) * second)
            let job = gitlab.jobs(ofPipeline: id).last?.id ?? 0
            return gitlab.send("POST", "/jobs/\(job)/retry", at: seconds).status
        }
        #expect(statuses == [201, 201, 403])
    }

    @Test("A14: retries of one job are limited by the minute, for each user")
    func retriesAMinute() {
        var gitlab = fake { settings in
            settings.jobRetriesPerMinute = 3
            settings.tokens.append(FakeToken(value: "other", user: FakeUser(id: 902, username: "other")))
        }
        let id = gitlab.create(["FAKE_FAILURES": "1"])
        gitlab.advance(to: start + 10 * second)
        let job = gitlab.jobs(ofPipeline: id)[0].id
        let statuses = [10.0, 11, 12, 13, 14].map { seconds in
            gitlab.send("POST", "/jobs/\(job)/retry", at: seconds).status
        }
        #expect(statuses == [201, 403, 403, 429, 429])
        let limited = gitlab.send("POST", "/jobs/\(job)/retry", at: 15)
        #expect(limited.json["message"].text == "Job retry rate limit exceeded")
        #expect(limited.header("Retry-After") == nil)
        #expect(gitlab.send("POST", "/jobs/\(job)/retry", at: 16, token: "other").status == 403)
        #expect(gitlab.send("POST", "/jobs/\(job + 1)/retry", at: 17).status == 201)
        #expect(gitlab.send("POST", "/jobs/\(job)/retry", at: 60).status == 403)
    }
}
