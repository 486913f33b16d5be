import FakeGitLab
import Testing

@Suite struct FakeGitLabProgressTests {
    @Test func aPipelineGoesItsWayInTime() {
        var gitlab = fake()
        let id = gitlab.create(["FAKE_DURATION": "2.5", "FAKE_PENDING": "1"])
        let seen = [0, 0.04, 0.05, 1.04, 1.05, 3.54, 3.55].map { seconds in
            gitlab.send("GET", "/pipelines/\(id)", at: seconds).json["status"].text
        }
        #expect(seen == ["created", "created", "pending", "pending", "running", "running", "success"])
        let read = gitlab.send("GET", "/pipelines/\(id)", at: 60).json
        #expect(read["updated_at"].text == "2026-01-15T03:00:03.550Z")
        #expect(read["duration"].int == 2)
        #expect(
            gitlab.pipeline(id)?.history.last == FakeStatusChange(status: .success, at: start + 3_550_000))
        #expect(gitlab.nextChangeAt == nil)
    }

    @Test func aRetryIsANewAttemptAndCountsOnce() throws {
        var gitlab = fake()
        let id = gitlab.create(["FAKE_FAILURES": "2"])
        for (retries, seconds) in [10.0, 20].enumerated() {
            let failed = gitlab.ids("/pipelines/\(id)/jobs?scope[]=failed", at: seconds)
            let old = try #require(failed.first)
            let answer = gitlab.send("POST", "/jobs/\(old)/retry", at: seconds)
            #expect(answer.status == 201 && answer.json["status"].text == "pending")
            #expect(answer.json["id"].int ?? 0 > old)
            #expect(gitlab.pipeline(id)?.status == .running)
            let again = gitlab.send("POST", "/jobs/\(old)/retry", at: seconds)
            #expect(again.status == 403)
            #expect(again.json["message"].text == "403 Forbidden - Job is not retryable")
            #expect(
                gitlab.ids("/pipelines/\(id)/jobs?include_retried=true", at: seconds).count == retries + 2)
        }
        gitlab.advance(to: start + 30 * second)
        #expect(gitlab.jobs(ofPipeline: id).map(\.status) == [.failed, .failed, .success])
        #expect(gitlab.jobs(ofPipeline: id).map(\.attempt) == [1, 2, 3])
        #expect(gitlab.ids("/pipelines/\(id)/jobs").count == 1)
        let ways: [FakeStatus] = [
            .created, .pending, .running, .failed, .running, .failed, .running, .success,
        ]
        #expect(gitlab.statuses(of: id) == ways)
    }

    @Test(arguments: FakeStatus.allCases)
    func variablesChooseTheStatus(status: FakeStatus) {
        var gitlab = fake()
        let id = gitlab.create(["FAKE_STATUS": status.rawValue])
        gitlab.advance(to: start + 3_600 * second)
        #expect(gitlab.pipeline(id)?.status == status)
        _ = gitlab.send("POST", "/pipelines/\(id)/cancel", at: 3_601)
        gitlab.advance(to: start + 3_700 * second)
        let isLeft = status.isFinal || status == .canceling || status == .manual
        #expect(gitlab.pipeline(id)?.status == (isLeft ? status : .canceled))
        #expect(gitlab.pipeline(id)?.canceledBy == (isLeft ? nil : "project_4242_bot_5f2c"))
    }

    @Test func cancellingARunningPipelineTakesAMoment() {
        var gitlab = fake()
        let id = gitlab.create()
        let answer = gitlab.send("POST", "/pipelines/\(id)/cancel", at: 1)
        #expect(answer.status == 200 && answer.json["status"].text == "canceling")
        #expect(gitlab.send("GET", "/pipelines/\(id)", at: 2).json["status"].text == "canceled")
        #expect(gitlab.send("POST", "/pipelines/\(id)/cancel", at: 3).status == 200)
        let retried = gitlab.send("POST", "/pipelines/\(id)/retry", at: 4)
        #expect(retried.status == 201 && retried.json["status"].text == "running")
        #expect(gitlab.send("GET", "/pipelines/\(id)", at: 9).json["status"].text == "success")
    }

    @Test func stagesWaitFailAndAreSkipped() throws {
        let jobs = [
            FakeJobPlan(name: "lint", stage: "build", allowFailure: true, outcome: .failed),
            FakeJobPlan(name: "extract", stage: "build", failures: 1), FakeJobPlan(name: "report"),
        ]
        var gitlab = fake { $0.behaviour = FakeBehaviour(runsFor: 2 * second, jobs: jobs) }
        let id = gitlab.create()
        gitlab.advance(to: start + 10 * second)
        #expect(gitlab.jobs(ofPipeline: id).map(\.status) == [.failed, .failed, .skipped])
        #expect(gitlab.pipeline(id)?.status == .failed)
        let extract = try #require(gitlab.jobs(ofPipeline: id).first { $0.name == "extract" })
        #expect(gitlab.send("POST", "/jobs/\(extract.id)/retry", at: 10).status == 201)
        gitlab.advance(to: start + 20 * second)
        #expect(gitlab.jobs(ofPipeline: id).map(\.status) == [.failed, .failed, .success, .success])
        #expect(gitlab.pipeline(id)?.status == .success)
    }

    @Test func settingsChooseHowAPipelineGoes() {
        var gitlab = fake { settings in
            settings.behaviourOf = { pipeline in
                let plan = FakeJobPlan(name: "slow", outcome: .failed, failureReason: "job_execution_timeout")
                return pipeline.runID == "slow@1" ? FakeBehaviour(runsFor: 9 * second, jobs: [plan]) : nil
            }
        }
        let slow = gitlab.create(["ORCHESTRATE_RUN_ID": "slow@1"])
        gitlab.create(["FAKE_REASON": "runner_system_failure", "FAKE_STATUS": "failed"])
        gitlab.create(["FAKE_REFUSE": "Not today."])
        #expect(gitlab.ids("/pipelines?scope=running", at: 4) == [slow])
        gitlab.advance(to: start + 10 * second)
        #expect(gitlab.allJobs.map(\.failureReason) == ["job_execution_timeout", "runner_system_failure"])
    }

    @Test func aPipelineCanBeRenamedAndDeleted() {
        var gitlab = fake { $0.tokens[0].role = .owner }
        let id = gitlab.create()
        #expect(gitlab.send("PUT", "/pipelines/\(id)/metadata", ["name": "new"]).json["name"].text == "new")
        #expect(gitlab.ids("/pipelines?name=new") == [id])
        #expect(gitlab.ids("/pipelines?name=orchestrate").isEmpty)
        #expect(gitlab.send("GET", "/pipelines/latest?ref=main").json["id"].int == id)
        #expect(gitlab.send("DELETE", "/pipelines/\(id)").status == 204)
        #expect(gitlab.send("GET", "/pipelines/\(id)").status == 404)
        #expect(gitlab.ids("/pipelines").isEmpty && gitlab.ids("/jobs").isEmpty)
        #expect(gitlab.send("GET", "/pipelines/latest?ref=main").status == 403)
    }

    @Test func aPushCancelsWhatHasNotStarted() {
        var gitlab = fake { $0.cancelsRedundant = true }
        let running = gitlab.create()
        let waiting = gitlab.create(["FAKE_STATUS": "pending"], at: 1)
        gitlab.push(to: "main")
        gitlab.create(at: 2)
        #expect(gitlab.pipeline(running)?.status == .running)
        #expect(gitlab.pipeline(waiting)?.status == .canceled)
        #expect(gitlab.pipeline(waiting)?.canceledBy == "auto-cancel")
    }
}
