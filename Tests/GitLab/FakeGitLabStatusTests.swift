import FakeGitLab
import Testing

@Suite struct FakeGitLabStatusTests {
    /// The statuses of the jobs of one stage, and the status that GitLab derives from them.
    @Test(
        "A2: the status of a pipeline in GitLab's order",
        arguments: [
            ([FakeStatus.failed, .canceled], FakeStatus.failed), ([.success, .canceled], .canceled),
            ([.manual, .canceled], .manual), ([.manual, .failed], .manual), ([.manual, .success], .manual),
            ([.skipped, .canceled], .canceled), ([.skipped, .success], .success),
            ([.skipped, .failed], .failed), ([.failed, .canceled, .success], .failed),
            ([.running, .manual, .failed], .running), ([.scheduled, .failed], .scheduled),
        ])
    func order(jobs: [FakeStatus], wanted: FakeStatus) {
        let plans = jobs.enumerated().map { FakeJobPlan(name: "job-\($0.offset)", outcome: $0.element) }
        for plans in [plans, plans.reversed()] {
            var gitlab = fake { $0.behaviour.jobs = plans }
            let id = gitlab.create()
            gitlab.advance(to: start + 100 * second)
            #expect(gitlab.pipeline(id)?.status == wanted)
        }
    }

    /// Two jobs at once and one behind them. The first fails while the second runs.
    private static func threeJobs(_ onJobFailure: FakeAutoCancel.OnJobFailure) -> FakeBehaviour {
        let jobs = [
            FakeJobPlan(name: "first", stage: "build", outcome: .success, failures: 1),
            FakeJobPlan(name: "second", stage: "build", outcome: .running), FakeJobPlan(name: "last"),
        ]
        var behaviour = FakeBehaviour(runsFor: 2 * second, jobs: jobs)
        behaviour.onJobFailure = onJobFailure
        return behaviour
    }

    @Test(
        "A2: a failed job cancels the others when auto_cancel:on_job_failure says so",
        arguments: FakeAutoCancel.OnJobFailure.allCases)
    func onJobFailure(mode: FakeAutoCancel.OnJobFailure) {
        var gitlab = fake { $0.behaviour = Self.threeJobs(mode) }
        let id = gitlab.create()
        gitlab.advance(to: start + 10 * second)
        let statuses = gitlab.jobs(ofPipeline: id).map(\.status)
        #expect(
            statuses == (mode == .all ? [.failed, .canceled, .canceled] : [.failed, .running, .created]))
        #expect(gitlab.pipeline(id)?.status == (mode == .all ? .failed : .running))
        #expect(gitlab.pipeline(id)?.canceledBy == (mode == .all ? "job-failure" : nil))
    }

    @Test("A2: a retry of the failed job alone ends canceled")
    func retryOfTheFailedJobAlone() throws {
        var gitlab = fake { $0.behaviour = Self.threeJobs(.all) }
        let id = gitlab.create()
        let failed = try #require(gitlab.ids("/pipelines/\(id)/jobs?scope[]=failed", at: 10).first)
        #expect(gitlab.send("POST", "/jobs/\(failed)/retry", at: 10).status == 201)
        gitlab.advance(to: start + 20 * second)
        #expect(gitlab.jobs(ofPipeline: id).map(\.status) == [.failed, .canceled, .canceled, .success])
        #expect(gitlab.pipeline(id)?.status == .canceled)
        #expect(gitlab.send("POST", "/pipelines/\(id)/retry", at: 20).status == 201)
        #expect(gitlab.pipeline(id)?.status == .running)
    }

    @Test("A2: a failure that is allowed cancels nothing")
    func allowedFailure() {
        var gitlab = fake { settings in
            settings.behaviour = Self.threeJobs(.all)
            settings.behaviour.jobs[0].allowFailure = true
        }
        let id = gitlab.create()
        gitlab.advance(to: start + 10 * second)
        #expect(gitlab.pipeline(id)?.canceledBy == nil)
        #expect(gitlab.jobs(ofPipeline: id).map(\.status) == [.failed, .running, .created])
    }

    @Test("A6: manual jobs are not canceled, though the answer is 200")
    func manualIsNotCancelable() {
        var gitlab = fake { $0.cancelsManual = false }
        let blocked = gitlab.create(["FAKE_STATUS": "manual"])
        let answer = gitlab.send("POST", "/pipelines/\(blocked)/cancel", at: 10)
        #expect(answer.status == 200 && answer.json["status"].text == "manual")
        #expect(gitlab.pipeline(blocked)?.canceledBy == nil)
        #expect(gitlab.statuses(of: blocked) == [.created, .manual])
        let job = gitlab.jobs(ofPipeline: blocked)[0].id
        #expect(gitlab.send("POST", "/jobs/\(job)/cancel", at: 10).json["status"].text == "manual")
    }

    @Test("A6: a pipeline with a manual job stays manual when the others are canceled")
    func manualAmongOthers() {
        var gitlab = fake { settings in
            settings.cancelsManual = false
            settings.behaviour.jobs = [
                FakeJobPlan(name: "work", outcome: .running), FakeJobPlan(name: "deploy", outcome: .manual),
            ]
        }
        let id = gitlab.create()
        #expect(gitlab.send("POST", "/pipelines/\(id)/cancel", at: 10).status == 200)
        gitlab.advance(to: start + 20 * second)
        #expect(gitlab.jobs(ofPipeline: id).map(\.status) == [.canceled, .manual])
        #expect(gitlab.pipeline(id)?.status == .manual)
    }
}
