import CivilTime
import Testing

@testable import Scheduling

/// Unexpected behavior in GitLab's source, by the rows of its audit.
@Suite("Scheduler: GitLab as it is")
struct GitLabAsItIsTests {
    private let id = RunID.run("a", "13:00")

    private func failed(_ id: Int64, _ status: CIJob.Status = .failed) -> CIJob {
        CIJob(id: id, name: "test", status: status, mayFail: false)
    }

    @Test("A2: what GitLab canceled for a failure is retried with it; what a person canceled is left alone")
    func canceledBesideFailed() {
        func job(_ id: Int64, _ status: CIJob.Status, _ end: String?) -> CIJob {
            CIJob(id: id, name: "job \(id)", status: status, mayFail: false, finishedAt: end.map { .at($0) })
        }
        let failed = job(1, .failed, "13:00")
        for end in ["13:00:02", "13:01", nil] {
            #expect(
                Retry.decide([failed, job(2, .canceled, end), job(3, .over, nil)], retries: 1)
                    == .again(jobs: [1, 2], attempt: 2))
        }
        #expect(
            Retry.decide([failed, job(2, .canceled, "13:01:01")], retries: 1)
                == .giveUp("failed, and a person canceled its other jobs: job 1", attempts: 1))
    }

    @Test("A3: a CI job that is still the latest after its retry was turned away cannot be retried")
    func notRetryable() throws {
        var world = try World.triggered { $0.retries = 5 }
        world.see(.failed)
        world.pass(.seconds(7))
        world.tell(.jobsListed(id, .success([failed(2)])))
        world.tell(.retried(id, .success([2])))
        #expect(world.states == ["a@13:00 retrying"])
        _ = world.take()
        world.pass(.seconds(5))
        #expect(world.take("listJobs").count == 1, "somebody else may have retried it")
        var other = world
        world.tell(.jobsListed(id, .success([failed(2)])))
        #expect(world.states == ["a@13:00 failed"])
        #expect(world.rows[id]?.reason?.contains("does not allow the retry") == true)
        other.tell(.jobsListed(id, .success([failed(2), failed(3, .open)])))
        #expect(other.states == ["a@13:00 triggered"] && other.rows[id]?.attempts == 2)
    }

    @Test("A4: what cannot be read may be the run's pipeline: it is not posted again, and that is said once")
    func closed() throws {
        var world = World([try .named("a", "0 * * * *")])
        world.pass(to: "13:00")
        world.tell(.posted(id, .failure(.uncertain("timeout"))))
        _ = world.take()
        for _ in 0..<30 {
            world.pass(.seconds(5))
            var search = Search(found: [:], isComplete: false, serverTime: nil)
            search.closed = 3
            world.tell(.searched(project: "7", .success(search)))
        }
        #expect(world.take("post") == [] && world.states == ["a@13:00 uncertain"])
        #expect(world.logged("closed") == 1)
    }

    @Test("A6: what waits for a person cannot be canceled: the run is over, only manual jobs are left")
    func blockedIsCanceled() throws {
        var world = try World.triggered { $0.timeout = .seconds(600) }
        world.see(.blocked)
        world.pass(.seconds(600))
        #expect(world.take("cancel") == ["cancel a@13:00 17"])
        world.tell(.canceled(id, .success(())))
        #expect(world.take("look") == ["look a@13:00 17"])
        world.tell(.looked(id, .success(.of(17, .blocked))))
        #expect(world.states == ["a@13:00 canceled"])
        #expect(world.rows[id]?.reason?.hasSuffix("only manual jobs are left of it") == true)
    }

    @Test("A11: attempts of a trigger job are counted, though GitLab lists only the latest")
    func triggerJobs() throws {
        var world = try World.triggered { $0.retries = 1 }
        func fail(_ trigger: Int64, _ status: CIJob.Status = .failed) {
            world.see(.failed)
            world.pass(.seconds(15))
            let job = CIJob(id: trigger, name: "deploy", status: status, mayFail: false, isTrigger: true)
            world.tell(.jobsListed(id, .success([job])))
        }
        fail(2)
        #expect(world.take("retry") == ["retry a@13:00 [2]"])
        // The answer is lost, but GitLab has carried out the request.
        world.tell(.retried(id, .failure(.uncertain("timeout"))))
        world.pass(.seconds(15))
        fail(3, .open)
        #expect(world.states == ["a@13:00 triggered"] && world.rows[id]?.attempts == 2)
        fail(3)
        #expect(world.take("retry") == [])
        #expect(world.rows[id]?.reason == "failed 2 times: deploy")
    }

    @Test("A14: a limit on retries is waited for, as long as GitLab says")
    func throttledRetry() throws {
        var world = try World.triggered { $0.retries = 1 }
        world.see(.failed)
        world.pass(.seconds(7))
        world.tell(.jobsListed(id, .success([failed(2)])))
        #expect(world.take("retry") == ["retry a@13:00 [2]"])
        world.tell(
            .retried(id, .failure(.throttled("Job retry rate limit exceeded", retryAfter: .seconds(60)))))
        _ = world.take()
        world.pass(.seconds(59))
        #expect(world.take("listJobs") == [] && world.states == ["a@13:00 retrying"])
        world.pass(.seconds(1))
        #expect(world.take("listJobs") == ["listJobs a@13:00 17"])
        world.tell(.jobsListed(id, .success([failed(2)])))
        #expect(world.take("retry") == ["retry a@13:00 [2]"])
    }

    @Test("A6: a twin that waits for a person is canceled and told about once")
    func blockedTwin() throws {
        var world = World([try .named("a", "0 * * * *")])
        world.pass(to: "13:00")
        world.tell(.posted(id, .failure(.uncertain("timeout"))))
        for _ in 0..<3 {
            world.pass(.seconds(10))
            let found = [id: [Sighting.of(17, .going), .of(18, .blocked)]]
            world.tell(
                .searched(project: "7", .success(Search(found: found, isComplete: true, serverTime: nil))))
            world.tell(.canceled(id, .success(())))
            world.tell(.posted(id, .failure(.uncertain("timeout"))))
        }
        #expect(world.take("cancel") == ["cancel a@13:00 18"] && world.logged("twin") == 1)
    }

    @Test("A12: a pipeline that a replica does not show yet has not vanished")
    func lookOnReplica() throws {
        var world = try World.triggered()
        for (elapsed, state) in [(0, "triggered"), (74, "triggered"), (75, "lost")] {
            world.pass(to: "13:01:14")
            world.now = .at("13:00") + .seconds(Int64(elapsed))
            var other = world
            other.tell(.looked(id, .failure(.gone("404 Not found"))))
            #expect(other.states == ["a@13:00 \(state)"])
        }
    }

    @Test(
        "A12: an older twin is kept, and the own pipeline canceled, also where a replica does not list that yet"
    )
    func twinOnReplica() throws {
        var world = World([try .named("a", "0 * * * *")])
        world.pass(to: "13:00")
        world.tell(.posted(id, .failure(.uncertain("timeout"))))
        for _ in 0..<20 {
            world.pass(.seconds(5))
            world.tell(
                .searched(project: "7", .success(Search(found: [:], isComplete: true, serverTime: nil))))
        }
        #expect(world.take("post").count == 2)
        world.tell(.posted(id, .success(.number(18))))
        world.pass(.zero)
        let found = Search(found: [id: [.of(17, .going)]], isComplete: true, serverTime: nil)
        world.tell(.searched(project: "7", .success(found)))
        #expect(world.rows[id]?.pipeline?.id == 17)
        #expect(world.take("cancel") == ["cancel a@13:00 18"])
    }

    @Test("A7: a fault of GitLab's that passes costs no fire time; one that stays is refused in the end")
    func faults() throws {
        var world = World([try .named("a", "0 * * * *")])
        world.pass(to: "13:00")
        world.tell(.posted(id, .failure(.faulty("Undefined error"))))
        #expect(world.states == ["a@13:00 claimed"])
        world.pass(.seconds(30))
        #expect(world.take("post") == ["post a@13:00", "post a@13:00"])
        var other = world
        world.tell(.posted(id, .success(.number(17))))
        #expect(world.states == ["a@13:00 triggered"])
        other.tell(.posted(id, .failure(.faulty("Undefined error"))))
        other.pass(.seconds(60))
        #expect(other.take("post") == ["post a@13:00"])
        other.tell(.posted(id, .failure(.faulty("Undefined error"))))
        #expect(other.states == ["a@13:00 refused"])
        #expect(other.rows[id]?.reason == "Undefined error (3 times)")
    }
}
