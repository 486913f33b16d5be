import FakeGitLab
import Testing

@Suite struct FakeGitLabChildTests {
    /// A pipeline with a build and then a trigger job, whose child pipeline ends with `outcome`.
    private func parent(
        childEnds outcome: FakeStatus, failures: Int = 0, isAwaited: Bool = true, triggerFails: Int = 0
    ) -> FakeGitLab {
        let child = FakeChild(
            jobs: [FakeJobPlan(name: "child", outcome: outcome, failures: failures)], isAwaited: isAwaited)
        return fake { settings in
            settings.behaviour.jobs = [
                FakeJobPlan(name: "build", stage: "build"),
                FakeJobPlan(name: "trigger", stage: "deploy", failures: triggerFails, child: child),
            ]
        }
    }

    @Test("A11: jobs are builds only, trigger jobs are bridges")
    func lists() throws {
        var gitlab = parent(childEnds: .success)
        let id = gitlab.create()
        gitlab.advance(to: start + 60 * second)
        #expect(gitlab.jobs(ofPipeline: id).map(\.name) == ["build", "trigger"])
        let bridge = gitlab.jobs(ofPipeline: id)[1].id
        #expect(gitlab.send("GET", "/pipelines/\(id)/jobs").json.elements.map(\.["name"].text) == ["build"])
        let row = gitlab.send("GET", "/pipelines/\(id)/bridges").json[0]
        #expect(row["id"].int == bridge && row["status"].text == "success")
        let child = try #require(row["downstream_pipeline"]["id"].int)
        #expect(gitlab.pipeline(child)?.source == "parent_pipeline")
        #expect(gitlab.pipeline(child)?.variables.isEmpty == true)
        #expect(gitlab.ids("/pipelines/\(id)/bridges?scope[]=failed").isEmpty)
        #expect(gitlab.ids("/jobs") == [bridge + 1, bridge - 1])
        #expect(gitlab.send("GET", "/jobs/\(bridge)").status == 404)
        let names = row.names.sorted().joined(separator: " ")
        let fields =
            "allow_failure commit coverage created_at downstream_pipeline duration erased_at finished_at id "
            + "name pipeline project queued_duration ref stage started_at status tag user web_url"
        #expect(names == fields)
    }

    @Test(
        "A11: trigger_jobs is there from 19.2, bridges always",
        arguments: ["17.0.0", "19.1.9", "19.2.0", "20.0.1"])
    func versions(version: String) {
        var gitlab = parent(childEnds: .success)
        gitlab.settings.version = version
        let id = gitlab.create()
        let isNew = ["19.2.0", "20.0.1"].contains(version)
        #expect(gitlab.send("GET", "/pipelines/\(id)/trigger_jobs").status == (isNew ? 200 : 404))
        #expect(gitlab.ids("/pipelines/\(id)/bridges").count == 1)
    }

    @Test("A11: children are left out of the list of pipelines")
    func children() {
        var gitlab = parent(childEnds: .success)
        let id = gitlab.create()
        gitlab.advance(to: start + 60 * second)
        #expect(gitlab.pipelines.map(\.id) == [id, id + 1])
        #expect(gitlab.ids("/pipelines") == [id])
        #expect(gitlab.ids("/pipelines?source=parent_pipeline") == [id + 1])
        #expect(gitlab.ids("/pipelines?source=api") == [id])
        #expect(gitlab.send("GET", "/pipelines/latest").json["id"].int == id)
        #expect(gitlab.send("GET", "/pipelines/\(id + 1)").status == 200)
    }

    @Test("A11: a failed child fails the trigger job, which has no failed build")
    func failedChild() throws {
        var gitlab = parent(childEnds: .success, failures: 1)
        let id = gitlab.create()
        gitlab.advance(to: start + 60 * second)
        #expect(gitlab.pipeline(id)?.status == .failed)
        #expect(gitlab.ids("/pipelines/\(id)/jobs?scope[]=failed").isEmpty)
        let bridges = gitlab.ids("/pipelines/\(id)/bridges?scope[]=failed")
        let bridge = try #require(bridges.first)
        #expect(gitlab.send("POST", "/pipelines/\(id)/retry", at: 100).status == 201)
        #expect(gitlab.pipeline(id)?.status == .failed)
        let answer = gitlab.send("POST", "/jobs/\(bridge)/retry", at: 100)
        #expect(answer.status == 201 && answer.json["name"].text == "trigger")
        #expect(answer.json.names.contains("downstream_pipeline"))
        gitlab.advance(to: start + 200 * second)
        #expect(gitlab.pipelines.count == 3)
        #expect(gitlab.jobs(ofPipeline: id).map(\.isRetried) == [false, true, false])
    }

    @Test("A11: a retry in the child goes on in the parent")
    func retryInTheChild() {
        var gitlab = parent(childEnds: .success, failures: 1)
        let id = gitlab.create()
        gitlab.advance(to: start + 60 * second)
        let failed = gitlab.jobs(ofPipeline: id + 1)[0].id
        #expect(gitlab.send("POST", "/jobs/\(failed)/retry", at: 60).status == 201)
        #expect(gitlab.pipeline(id)?.status == .running)
        gitlab.advance(to: start + 120 * second)
        #expect([id, id + 1].map { gitlab.pipeline($0)?.status } == [.success, .success])
        #expect(gitlab.pipelines.count == 2)
    }

    @Test("A11: a trigger job that cannot make its child fails without one and can be retried")
    func triggerFails() {
        var gitlab = parent(childEnds: .success, triggerFails: 1)
        let id = gitlab.create()
        gitlab.advance(to: start + 60 * second)
        let row = gitlab.send("GET", "/pipelines/\(id)/bridges", at: 60).json[0]
        #expect(row["status"].text == "failed" && row["downstream_pipeline"].isNull)
        #expect(gitlab.send("POST", "/jobs/\(row["id"].int ?? 0)/retry", at: 60).status == 201)
        gitlab.advance(to: start + 120 * second)
        #expect(gitlab.pipeline(id)?.status == .success)
    }

    @Test("A11: canceling a pipeline cancels its children", arguments: [true, false])
    func cancelCascades(isAwaited: Bool) {
        var gitlab = parent(childEnds: .running, isAwaited: isAwaited)
        let id = gitlab.create()
        gitlab.advance(to: start + 60 * second)
        #expect(gitlab.pipeline(id)?.status == (isAwaited ? .running : .success))
        #expect(gitlab.send("POST", "/pipelines/\(id)/cancel", at: 60).status == 200)
        gitlab.advance(to: start + 120 * second)
        #expect(gitlab.pipeline(id)?.status == (isAwaited ? .canceled : .success))
        // GitLab cannot cancel a parent that is over, so the cancellation does not reach its child.
        #expect(gitlab.pipeline(id + 1)?.status == (isAwaited ? .canceled : .running))
    }

    @Test("A11: a variable makes the last job a trigger job")
    func variable() {
        var gitlab = fake()
        let id = gitlab.create(["FAKE_CHILD": "failed"])
        gitlab.advance(to: start + 60 * second)
        #expect([id, id + 1].map { gitlab.pipeline($0)?.status } == [.failed, .failed])
    }

    @Test("C: a child goes by the age of its parent")
    func ageOfTheParent() {
        var gitlab = parent(childEnds: .pending)
        gitlab.settings.cancelsRedundant = true
        gitlab.settings.autoCancelDelay = 10 * second
        gitlab.settings.behaviour.jobs.removeFirst()
        let id = gitlab.create()
        gitlab.push(to: "main")
        // Younger than the parent, older than the child.
        let new = gitlab.create(["FAKE_STATUS": "success"], at: 0.1)
        gitlab.advance(to: start + 60 * second)
        let child = gitlab.jobs(ofPipeline: id)[0].childID
        #expect(child ?? 0 > new)
        #expect([id, child ?? 0].map { gitlab.pipeline($0)?.status } == [.canceled, .canceled])
    }

    @Test("C: a child cancels nothing")
    func childrenCancelNothing() {
        var gitlab = parent(childEnds: .success)
        gitlab.settings.behaviour.jobs.removeFirst()
        let waits = FakeBehaviour(runsFor: 1, jobs: [FakeJobPlan(name: "work", outcome: .pending)])
        gitlab.settings.behaviourOf = { $0.variable("WAITS") == nil ? nil : waits }
        let old = gitlab.create(["WAITS": "yes"])
        gitlab.push(to: "main")
        let id = gitlab.create(at: 1)
        gitlab.settings.cancelsRedundant = true
        gitlab.advance(to: start + 60 * second)
        #expect(gitlab.pipeline(id + 1)?.status == .success)
        #expect(gitlab.pipeline(old)?.status == .pending)
    }
}
