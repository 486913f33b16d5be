import Testing

@testable import Scheduling

@Suite("Retry and Backoff")
struct RetryTests {
    struct Case: CustomTestStringConvertible {
        var testDescription: String
        /// `name status`, oldest first; the index is the id. A `?` after a name: the job may fail.
        var jobs: [String]
        var retries: Int
        var expected: Retry
    }

    @Test(arguments: [
        Case(
            testDescription: "one failed", jobs: ["build over", "test failed"], retries: 1,
            expected: .again(jobs: [1], attempt: 2)),
        Case(
            testDescription: "several failed", jobs: ["a failed", "b failed", "c over"], retries: 2,
            expected: .again(jobs: [0, 1], attempt: 2)),
        Case(
            testDescription: "no retries allowed", jobs: ["test failed"], retries: 0,
            expected: .giveUp("failed: test", attempts: 1)),
        Case(
            testDescription: "only the last attempt of a job counts",
            jobs: ["test failed", "test over", "b failed"],
            retries: 2, expected: .again(jobs: [2], attempt: 3)),
        Case(
            testDescription: "GitLab's own retries count",
            jobs: ["test failed", "test failed", "test failed"],
            retries: 2, expected: .giveUp("failed 3 times: test", attempts: 3)),
        Case(
            testDescription: "one retry is left", jobs: ["test failed", "test failed"], retries: 2,
            expected: .again(jobs: [1], attempt: 3)),
        Case(
            testDescription: "the budget is per job", jobs: ["a failed", "a over", "b failed"], retries: 1,
            expected: .again(jobs: [2], attempt: 3)),
        Case(
            testDescription: "one of two has no budget left", jobs: ["a failed", "b failed", "a failed"],
            retries: 1,
            expected: .giveUp("failed 2 times: b, a", attempts: 2)),
        Case(
            testDescription: "something still goes", jobs: ["a failed", "b open"], retries: 3,
            expected: .wait(attempts: 1)),
        Case(
            testDescription: "it was started again already", jobs: ["a failed", "a open"], retries: 3,
            expected: .wait(attempts: 2)),
        Case(
            testDescription: "an old attempt that is still open is no matter", jobs: ["a open", "a failed"],
            retries: 3,
            expected: .again(jobs: [1], attempt: 3)),
        Case(
            testDescription: "allowed to fail", jobs: ["lint? failed", "test failed"], retries: 1,
            expected: .again(jobs: [1], attempt: 2)),
        Case(
            testDescription: "only jobs that may fail failed", jobs: ["lint? failed", "test over"],
            retries: 1,
            expected: .nothingFailed(attempts: 1)),
        Case(
            testDescription: "no failed job at all", jobs: ["test over"], retries: 1,
            expected: .nothingFailed(attempts: 1)),
        Case(
            testDescription: "no jobs", jobs: [], retries: 1,
            expected: .nothingFailed(attempts: 1)),
    ])
    func decide(_ row: Case) {
        let jobs = row.jobs.enumerated().map { index, text in
            let words = text.split(separator: " ")
            let status: CIJob.Status = words[1] == "open" ? .open : words[1] == "failed" ? .failed : .over
            let name = String(words[0].prefix { $0 != "?" })
            return CIJob(id: Int64(index), name: name, status: status, mayFail: words[0].hasSuffix("?"))
        }
        #expect(Retry.decide(jobs, retries: row.retries) == row.expected)
        #expect(
            Retry.decide(jobs.reversed(), retries: row.retries) == row.expected,
            "the order is GitLab's affair")
    }

    @Test("A11: trigger jobs are retried and named; of their attempts the pipeline's are counted")
    func triggers() {
        func trigger(_ id: Int64) -> CIJob {
            CIJob(id: id, name: "deploy", status: .failed, mayFail: false, isTrigger: true)
        }
        let build = CIJob(id: 1, name: "build", status: .over, mayFail: false)
        #expect(Retry.decide([build, trigger(2)], retries: 1) == .again(jobs: [2], attempt: 2))
        #expect(
            Retry.decide([build, trigger(2)], retries: 1, triggersRan: 2) == .again(jobs: [2], attempt: 2),
            "it was another job that ran twice")
        #expect(
            Retry.decide([build, trigger(2), trigger(3)], retries: 1)
                == .giveUp("failed 2 times: deploy", attempts: 2))
        #expect(Retry.decide([build], retries: 1, triggersRan: 5) == .nothingFailed(attempts: 1))
    }

    @Test("A11: a trigger job that was started again by nobody knows whom is left alone")
    func restartedTrigger() {
        func job(_ id: Int64, _ status: CIJob.Status, _ created: String, isTrigger: Bool = false) -> CIJob {
            CIJob(
                id: id, name: "job \(id)", status: status, mayFail: false, createdAt: .at(created),
                isTrigger: isTrigger)
        }
        let build = job(1, .over, "12:00")
        let late = job(9, .failed, "12:00:06", isTrigger: true)
        #expect(
            Retry.decide([build, late], retries: 5)
                == .giveUp(
                    "failed, and GitLab does not tell how often its trigger jobs ran: job 9",
                    attempts: 1))
        #expect(Retry.decide([build, late], retries: 5, triggersRan: 2) == .again(jobs: [9], attempt: 3))
        #expect(
            Retry.decide([build, late], retries: 1, triggersRan: 2)
                == .giveUp("failed 2 times: job 9", attempts: 2))
        #expect(
            Retry.decide([build, job(9, .failed, "12:00:06")], retries: 5) == .again(jobs: [9], attempt: 2))
        #expect(
            Retry.decide([build, job(9, .failed, "12:00:05", isTrigger: true)], retries: 5)
                == .again(jobs: [9], attempt: 2))
    }

    @Test("The wait doubles, is bounded and spread by a quarter", arguments: 1...70)
    func backoff(failures: Int) {
        let plain = min(Duration.seconds(1) * (1 << min(failures - 1, 20)), .seconds(60))
        for key in ["7", "group/project", "nightly@2026-03-02T12:00:00Z"] {
            let delay = Backoff.outage(failures, of: key)
            #expect(delay >= plain * 3 / 4 && delay <= plain * 5 / 4)
            #expect(delay == Backoff.outage(failures, of: key))
        }
    }

    @Test("Different keys wait differently long")
    func spread() {
        let delays = Set((0..<100).map { Backoff.outage(7, of: "project \($0)") })
        #expect(delays.count > 30)
        #expect(Backoff.outage(0, of: "a") > .zero && Backoff.outage(-3, of: "a") > .zero)
    }

    @Test("The same in every process", arguments: [(1, 780), (2, 1_920), (3, 4_960), (40, 55_200)])
    func golden(failures: Int, milliseconds: Int) {
        #expect(Backoff.outage(failures, of: "7") == .milliseconds(milliseconds))
    }
}
