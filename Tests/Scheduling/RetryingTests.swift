import Testing

@testable import Scheduling

@Suite("Scheduler: retrying failed pipelines")
struct RetryingTests {
    private let id = RunID.run("a", "13:00")

    @Test(
        "A retry that another process made, or whose answer was lost, is counted",
        arguments: [CIJob.Status.open, .over])
    func retriedElsewhere(_ status: CIJob.Status) throws {
        var world = try World.triggered { $0.retries = 2 }
        world.see(.failed)
        world.pass(.seconds(7))
        let jobs = [
            CIJob(id: 1, name: "test", status: .failed, mayFail: false),
            CIJob(id: 2, name: "test", status: status, mayFail: false),
        ]
        world.tell(.jobsListed(id, .success(jobs)))
        #expect(world.states == ["a@13:00 triggered"] && world.rows[id]?.attempts == 2)
        world.see(.succeeded)
        #expect(world.states == ["a@13:00 succeeded"] && world.rows[id]?.attempts == 2)
    }

    @Test("A failed pipeline: its jobs are read, the failed ones retried, and it succeeds")
    func retry() throws {
        var world = try World.triggered { $0.retries = 2 }
        world.see(.failed)
        #expect(world.rows[id]?.state == .retrying && world.take() == [])
        world.see(.failed)
        #expect(world.logged("retrying") == 1, "told once, however often it is seen")
        world.pass(.seconds(7))
        #expect(world.take().filter { !$0.hasPrefix("list since") } == ["listJobs a@13:00 17"])
        world.tell(
            .jobsListed(
                id,
                .success([
                    CIJob(id: 1, name: "build", status: .over, mayFail: false),
                    CIJob(id: 2, name: "test", status: .failed, mayFail: false),
                ])))
        #expect(world.take() == ["retry a@13:00 [2]"])
        world.tell(.retried(id, .success([])))
        #expect(world.states == ["a@13:00 triggered"] && world.rows[id]?.attempts == 2)
        world.see(.going)
        world.see(.succeeded)
        #expect(world.states == ["a@13:00 succeeded"] && world.rows[id]?.attempts == 2)
    }

    @Test(
        "A list that still says failed while the retry is being canceled is not believed",
        arguments: [true, false])
    func staleFailureWhileCanceling(isStale: Bool) throws {
        var world = try World.triggered { ($0.retries, $0.timeout) = (1, .seconds(60)) }
        world.see(.failed)
        world.pass(.seconds(7))
        world.tell(.jobsListed(id, .success([CIJob(id: 2, name: "test", status: .failed, mayFail: false)])))
        world.tell(.retried(id, .success([])))
        world.pass(.seconds(60))
        #expect(world.take("cancel") == ["cancel a@13:00 17"])
        world.see(.failed)
        #expect(world.states == ["a@13:00 triggered"] && world.take("look") == ["look a@13:00 17"])
        world.tell(.looked(id, .success(.of(17, isStale ? .canceled : .failed))))
        #expect(world.states == [isStale ? "a@13:00 canceled" : "a@13:00 failed"])
    }

    @Test("A list that still says failed after the retry does not use up another one")
    func staleFailure() throws {
        var world = try World.triggered { $0.retries = 1 }
        world.see(.failed)
        world.pass(.seconds(7))
        world.tell(.jobsListed(id, .success([CIJob(id: 2, name: "test", status: .failed, mayFail: false)])))
        world.tell(.retried(id, .success([])))
        _ = world.take()
        world.see(.failed)
        world.pass(.seconds(13))
        #expect(world.take("listJobs").count == 1)
        world.tell(
            .jobsListed(
                id,
                .success([
                    CIJob(id: 2, name: "test", status: .failed, mayFail: false),
                    CIJob(id: 3, name: "test", status: .open, mayFail: false),
                ])))
        #expect(world.take("retry") == [] && world.states == ["a@13:00 triggered"])
        world.see(.succeeded)
        #expect(world.rows[id]?.state == .succeeded && world.rows[id]?.attempts == 2)
    }

    @Test(
        "A failure without a failed job may be old: the pipeline tells",
        arguments: [Progress.failed, .succeeded])
    func nothingFailed(progress: Progress) throws {
        var world = try World.triggered { $0.retries = 1 }
        world.see(.failed)
        world.pass(.seconds(7))
        _ = world.take()
        let over = [CIJob(id: 2, name: "test", status: .over, mayFail: false)]
        world.tell(.jobsListed(id, .success(over)))
        #expect(world.states == ["a@13:00 triggered"] && world.take("look") == ["look a@13:00 17"])
        world.tell(.looked(id, .success(.of(17, progress))))
        guard progress == .failed else { return #expect(world.states == ["a@13:00 succeeded"]) }
        world.pass(.seconds(7))
        world.tell(.jobsListed(id, .success(over)))
        #expect(
            world.rows[id]?.reason == "the pipeline failed without a failed job to retry")
    }

    @Test("The budget is used up: failed, with the attempts GitLab counted")
    func budget() throws {
        var world = try World.triggered { $0.retries = 1 }
        world.see(.failed)
        world.pass(.seconds(7))
        world.tell(
            .jobsListed(
                id,
                .success([
                    CIJob(id: 2, name: "test", status: .failed, mayFail: false),
                    CIJob(id: 3, name: "test", status: .failed, mayFail: false),
                ])))
        let row = try #require(world.rows[id])
        #expect(row.state == .failed && row.attempts == 2 && row.reason == "failed 2 times: test")
        #expect(world.take("retry") == [])
    }

    @Test(
        "A retry that did not get through is decided anew from the list of jobs",
        arguments: [
            Trouble.unavailable("503"), .uncertain("timeout"), .limited("429", retryAfter: nil),
        ])
    func retryInTrouble(trouble: Trouble) throws {
        var world = try World.triggered { $0.retries = 1 }
        world.see(.failed)
        world.pass(.seconds(7))
        world.tell(.jobsListed(id, .failure(trouble)))
        world.pass(.seconds(3))
        #expect(world.take("listJobs").count == 2)
        world.tell(.jobsListed(id, .success([CIJob(id: 2, name: "test", status: .failed, mayFail: false)])))
        world.tell(.retried(id, .failure(trouble)))
        #expect(world.states == ["a@13:00 retrying"])
        world.pass(.seconds(5))
        #expect(
            world.take().filter { !$0.hasPrefix("list since") } == [
                "retry a@13:00 [2]", "listJobs a@13:00 17",
            ])
    }

    @Test("GitLab refuses to say, or to retry: failed, in its words")
    func retryRefused() throws {
        var world = try World.triggered { $0.retries = 1 }
        world.see(.failed)
        world.pass(.seconds(7))
        var other = world
        world.tell(.jobsListed(id, .failure(.refused("403 Forbidden"))))
        #expect(
            world.rows[id]?.reason
                == "the pipeline failed, and the scheduler could not read its jobs: 403 Forbidden")
        other.tell(.jobsListed(id, .success([CIJob(id: 2, name: "test", status: .failed, mayFail: false)])))
        other.tell(.retried(id, .failure(.refused("Job is not retryable"))))
        #expect(
            other.rows[id]?.reason
                == "the pipeline failed, and GitLab refused the retry: Job is not retryable")
        #expect(world.states == ["a@13:00 failed"] && other.states == ["a@13:00 failed"])
    }
}
