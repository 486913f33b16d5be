import Testing

@testable import Scheduling

@Suite("Scheduler: following pipelines")
struct WatchingTests {
    private let id = RunID.run("a", "13:00")

    @Test(
        "How pipelines end without a retry",
        arguments: [
            (Progress.succeeded, "succeeded", nil), (.failed, "failed", "failed: test"),
            (
                .canceled, "canceled",
                "not by orchestrate: a person canceled it, or GitLab did for a newer commit (workflow: auto_cancel: on_new_commit)"
            ),
            (.skipped, "skipped", "pipeline skipped: GitLab ran none of its jobs"),
        ] as [(Progress, String, String?)])
    func endings(progress: Progress, state: String, reason: String?) throws {
        var world = try World.triggered()
        world.pass(.seconds(30))
        world.see(progress)
        if progress == .failed {
            #expect(world.take("listJobs") == ["listJobs a@13:00 17"])
            world.showFailedJob(of: id)
        }
        let row = try #require(world.rows[id])
        #expect(row.state.rawValue == state && row.reason == reason && row.finishedAt == .at("13:00:30"))
        #expect(world.scheduler.openRuns.isEmpty && world.scheduler.watches["7"]?.isEmpty == true)
    }

    @Test("Without retries, too, the reason names the CI jobs that failed, their stages and GitLab's reasons")
    func whatFailed() throws {
        func fail(_ answer: Answer<[CIJob]>) throws -> String? {
            var world = try World.triggered()
            world.see(.failed)
            #expect(world.states == ["a@13:00 triggered"] && world.take("listJobs").count == 1)
            world.tell(.jobsListed(id, answer))
            #expect(world.states == ["a@13:00 failed"])
            return world.rows[id]?.reason
        }
        let jobs = (1...7).map { number in
            CIJob(
                id: Int64(number), name: "unit \(number)", status: .failed, mayFail: false, stage: "test",
                failureReason: number == 1 ? "script_failure" : nil)
        }
        #expect(
            try fail(.success(Array(jobs.prefix(2))))
                == "failed: unit 1 (stage test: script_failure), unit 2 (stage test)")
        #expect(try fail(.success(jobs))?.hasSuffix("unit 5 (stage test) and 2 more") == true)
        #expect(
            try fail(.failure(.refused("403")))
                == "the pipeline failed, and the scheduler could not read its jobs: 403")
    }

    @Test("A run ends when its pipeline did, by GitLab's clock, and not when somebody looked")
    func endOfPipeline() throws {
        var world = try World.triggered()
        world.pass(.seconds(30))
        var sighting = Sighting.of(17, .succeeded)
        (sighting.changedAt, sighting.finishedAt) = (.at("13:00:04"), .at("13:00:02.300"))
        var other = world
        world.tell(.looked(id, .success(sighting)))
        #expect(world.rows[id]?.finishedAt == .at("13:00:02.300"))
        sighting.finishedAt = nil
        other.tell(.listed(project: "7", .success(Listing(sightings: [sighting], serverTime: nil))))
        #expect(other.rows[id]?.finishedAt == .at("13:00:04"), "a list tells only when it changed")
        var late = try World.triggered()
        sighting.changedAt = .at("14:00")
        late.tell(.looked(id, .success(sighting)))
        #expect(late.rows[id]?.finishedAt == late.now, "never in the future")
    }

    @Test("After the timeout the pipeline is canceled, and the run says why")
    func timeout() throws {
        var world = try World.triggered { $0.timeout = .seconds(600) }
        world.pass(to: "13:09:59.999")
        #expect(world.take("cancel") == [])
        world.pass(to: "13:10")
        #expect(world.take("cancel") == ["cancel a@13:00 17"])
        world.tell(.canceled(id, .failure(.unavailable("503"))))
        world.pass(.seconds(5))
        #expect(world.take("cancel") == ["cancel a@13:00 17"], "once more, as it did not get through")
        world.tell(.canceled(id, .success(())))
        world.pass(.seconds(600))
        #expect(world.take("cancel") == [])
        world.see(.canceled)
        #expect(world.rows[id]?.state == .canceled)
        #expect(world.rows[id]?.reason == "timeout: it ran longer than 10 min")
    }

    @Test("A pipeline that failed is not retried after its timeout")
    func timeoutWhileRetrying() throws {
        var world = try World.triggered { ($0.timeout, $0.retries) = (.seconds(10), 5) }
        world.pass(.seconds(8))
        world.see(.failed)
        world.pass(.seconds(7))
        world.tell(.jobsListed(id, .success([CIJob(id: 2, name: "test", status: .failed, mayFail: false)])))
        #expect(world.take("retry") == [])
        #expect(
            world.rows[id]?.state == .failed && world.rows[id]?.reason == "timeout: it ran longer than 10 s")
    }

    @Test("A status nobody knows yet is told once, and is not the end")
    func unknownStatus() throws {
        var world = try World.triggered()
        world.see(.unknown("pondering"))
        world.see(.unknown("pondering"))
        #expect(world.logged("status") == 1 && world.states == ["a@13:00 triggered"])
        world.see(.unknown("dreaming"))
        #expect(world.logged("status") == 2)
        world.see(.succeeded)
        #expect(world.states == ["a@13:00 succeeded"])
    }

    @Test("Lists come at their pace, one at a time, and slower while GitLab is down")
    func pace() throws {
        var world = try World.triggered()
        world.pass(.seconds(60))
        #expect(world.take("list").count == 1, "it was not answered")
        var lists = 0
        for _ in 0..<20 {
            world.tell(.listed(project: "7", .failure(.unavailable("503"))))
            world.pass(.seconds(75))
            lists += world.take("list").count
        }
        #expect(lists == 20 && world.logged("gitlab") == 1)
        world.see(.going)
        #expect(world.logged("gitlab") == 2, "and it is told when it is over")
        world.pass(.seconds(5))
        #expect(world.take("list").count == 1)
    }

    @Test(
        "When GitLab says how long to wait, nothing is asked earlier")
    func retryAfter() throws {
        var world = try World.triggered()
        world.pass(.seconds(5))
        #expect(world.take("list").count == 1)
        world.tell(.listed(project: "7", .failure(.limited("429", retryAfter: .seconds(120)))))
        world.pass(.seconds(119))
        #expect(world.take("list") == [])
        world.pass(.seconds(1))
        #expect(world.take("list").count == 1)
    }

    @Test("A date of GitLab's that is ten years ahead hides no pipeline for longer than a minute")
    func dateYearsAhead() throws {
        var world = World([try .named("a", "0 * * * *")])
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .success(.number(1))))
        for _ in 0..<13 {
            world.pass(.seconds(5))
            let listing = Listing(sightings: [], serverTime: world.now + .seconds(315_360_000))
            world.tell(.listed(project: "7", .success(listing)))
        }
        #expect(world.take("look") == ["look a@13:00 1"])
        world.tell(.looked(.run("a", "13:00"), .success(.of(1, .succeeded))))
        #expect(world.states == ["a@13:00 succeeded"])
    }

    @Test("A pipeline that no list shows for a minute is looked at")
    func unseen() throws {
        var world = try World.triggered()
        for _ in 0..<11 {
            world.pass(.seconds(5))
            world.tell(.listed(project: "7", .success(Listing(sightings: [], serverTime: world.now))))
        }
        #expect(world.take("look") == [])
        world.pass(.seconds(10))
        #expect(world.take("look") == ["look a@13:00 17"])
        var other = world
        world.tell(.looked(id, .success(.of(17, .failed))))
        world.showFailedJob(of: id)
        #expect(world.states == ["a@13:00 failed"])
        other.tell(.looked(id, .failure(.unavailable("503"))))
        #expect(other.states == ["a@13:00 triggered"])
        other.pass(.seconds(10))
        other.tell(.looked(id, .failure(.gone("404"))))
        #expect(other.states == ["a@13:00 lost"])
        #expect(other.rows[id]?.reason == "its pipeline is not in GitLab any more: 404")
    }

    @Test("Skip: a pipeline is looked at before each fire time anew")
    func lookBeforeEachFireTime() throws {
        var world = World([try .named("a", "0 13-16 2 3 *")])
        world.pass(to: "13:00")
        world.tell(.posted(id, .success(.number(17))))
        for hour in ["14:00", "15:00", "16:00"] {
            _ = world.take()
            world.pass(to: hour)
            #expect(world.take("look").contains("look a@13:00 17") && world.rows[.run("a", hour)] == nil)
            world.tell(.looked(id, .success(.of(17, .going))))
            world.pass(.seconds(1))
            #expect(world.rows[.run("a", hour)]?.state == .skipped)
        }
    }

    @Test("Answers that come after the end change nothing")
    func lateAnswers() throws {
        var world = try World.triggered { $0.retries = 1 }
        world.see(.succeeded)
        let rows = world.rows
        world.tell(.looked(id, .success(.of(17, .failed))))
        world.tell(.jobsListed(id, .success([])))
        world.tell(.retried(id, .success([])))
        world.tell(.canceled(id, .failure(.unavailable("503"))))
        world.tell(.posted(id, .success(.number(18))))
        world.tell(.searched(project: "7", .success(Search(found: [:], isComplete: true, serverTime: nil))))
        world.see(.failed)
        #expect(world.rows == rows)
    }

    @Test("Pipelines of an earlier life are looked at at once")
    func adopted() throws {
        var world = try World.triggered()
        world.restart([try .named("a", "0 13 2 3 *")])
        world.pass(.seconds(5))
        #expect(world.take("look") == ["look a@13:00 17"])
    }

    @Test(
        "…but no more of them at once than a round may look at")
    func manyAdopted() throws {
        let jobs = try (0..<200).map { try Job.named("j\($0)", "0 13 2 3 *") }
        let open = jobs.enumerated().map { index, job in
            var run = Run(.run(job.name, "11:00"), state: .triggered)
            (run.pipeline, run.triggeredAt) = (.number(Int64(index)), .at("11:00"))
            return run
        }
        var world = World(jobs, open: open)
        world.pass(.seconds(5))
        #expect(world.take("look").count <= 20, "no fire time is due, nothing is urgent")
    }
}
