import FakeGitLab
import Testing

@Suite struct FakeGitLabAutoCancelTests {
    /// One pipeline that runs or waits, then a push with a pipeline a minute later.
    private func afterPush(
        _ mode: FakeAutoCancel.OnNewCommit, _ jobs: [FakeJobPlan]
    ) -> (gitlab: FakeGitLab, id: Int64) {
        var gitlab = fake { settings in
            settings.cancelsRedundant = true
            settings.behaviour.jobs = jobs
            settings.behaviour.onNewCommit = mode
        }
        let id = gitlab.create()
        gitlab.advance(to: start + 60 * second)
        gitlab.push(to: "main", followedBy: FakeBehaviour())
        gitlab.advance(to: start + 61 * second)
        return (gitlab, id)
    }

    private static let running = FakeJobPlan(name: "work", outcome: .running)
    private static let waiting = FakeJobPlan(name: "wait", outcome: .pending)
    private static let interruptible = FakeJobPlan(name: "soft", outcome: .running, isInterruptible: true)
    private static let over = FakeJobPlan(name: "over", outcome: .success)

    /// The older pipeline's own setting, its jobs, and their statuses after a push.
    @Test(
        "C: the older pipeline's setting decides",
        arguments: [
            (FakeAutoCancel.OnNewCommit.conservative, [waiting], [FakeStatus.canceled]),
            (.conservative, [running], [.running]),
            (.conservative, [running, waiting], [.running, .pending]),
            (.conservative, [interruptible, waiting], [.canceled, .canceled]),
            (.conservative, [over, waiting], [.success, .pending]),
            (.interruptible, [running, interruptible], [.running, .canceled]),
            (.interruptible, [waiting], [.pending]), (.none, [waiting], [.pending]),
            (.none, [interruptible], [.running]),
        ])
    func modes(mode: FakeAutoCancel.OnNewCommit, jobs: [FakeJobPlan], wanted: [FakeStatus]) {
        let (gitlab, id) = afterPush(mode, jobs)
        #expect(gitlab.jobs(ofPipeline: id).map(\.status) == wanted)
        let isCanceled = wanted.contains(.canceled)
        #expect(gitlab.pipeline(id)?.canceledBy == (isCanceled ? "auto-cancel" : nil))
    }

    private static func waitingGitLab() -> FakeGitLab {
        fake { settings in
            settings.cancelsRedundant = true
            settings.behaviour.jobs = [waiting]
        }
    }

    @Test("C: pipelines on one head never cancel each other")
    func sameHead() {
        var gitlab = Self.waitingGitLab()
        for seconds in [0.0, 10, 20] { gitlab.create(at: seconds) }
        #expect(gitlab.pipelines.map(\.status) == [.pending, .pending, .created])
    }

    @Test("C: nor do they when a push alone moves the head before GitLab looks")
    func sameHeadThatMoves() {
        var gitlab = Self.waitingGitLab()
        gitlab.settings.autoCancelDelay = 5 * second
        for seconds in [0.0, 10] { gitlab.create(at: seconds) }
        gitlab.push(to: "main")
        gitlab.advance(to: start + 60 * second)
        #expect(gitlab.pipelines.map(\.status) == [.pending, .pending])
    }

    @Test("C: a push alone cancels nothing; the next pipeline of any source does")
    func pushAlone() {
        var gitlab = Self.waitingGitLab()
        let old = gitlab.create()
        gitlab.advance(to: start + 10 * second)
        gitlab.push(to: "main")
        gitlab.advance(to: start + 20 * second)
        #expect(gitlab.pipeline(old)?.status == .pending)
        gitlab.create(at: 30)
        #expect(gitlab.pipeline(old)?.status == .canceled)
        #expect(gitlab.pipelines.count == 2)
    }

    @Test("C: a pipeline that is older than seven days stays, as does one of another ref")
    func ageAndRef() {
        var gitlab = Self.waitingGitLab()
        gitlab.settings.projects[0].branches["next"] = "abc"
        let (week, old) = (7.0 * 86_400, gitlab.create())
        let other = gitlab.send("POST", "/pipeline", ["ref": "next"], at: 1).json["id"].int ?? 0
        let young = gitlab.create(at: 2)
        gitlab.push(to: "main")
        gitlab.push(to: "next")
        gitlab.create(at: week + 1)
        #expect([old, other, young].map { gitlab.pipeline($0)?.status } == [.pending, .pending, .canceled])
    }

    @Test("C: what stands on the head again by the time that GitLab looks stays")
    func headStays() {
        for isForcedBack in [true, false] {
            var gitlab = Self.waitingGitLab()
            gitlab.settings.autoCancelDelay = 5 * second
            let head = gitlab.settings.projects[0].branches["main"]
            let old = gitlab.create()
            gitlab.push(to: "main")
            gitlab.create(at: 10)
            if isForcedBack { gitlab.settings.projects[0].branches["main"] = head }
            gitlab.advance(to: start + 14 * second)
            #expect(gitlab.pipeline(old)?.status == .pending)
            gitlab.advance(to: start + 15 * second)
            #expect(gitlab.pipeline(old)?.status == (isForcedBack ? .pending : .canceled))
        }
    }

    @Test("C: the project's switch is off unless a setting turns it on")
    func projectSwitch() {
        var gitlab = fake { $0.behaviour.jobs = [Self.waiting] }
        let old = gitlab.create()
        gitlab.advance(to: start + 30 * second)
        gitlab.push(to: "main", followedBy: FakeBehaviour())
        gitlab.advance(to: start + 60 * second)
        #expect(gitlab.pipeline(old)?.status == .pending)
        #expect(gitlab.pipelines.map(\.source) == ["api", "push"])
        #expect(gitlab.pipelines.last?.name == "orchestrate")
    }

    @Test("C: the running scheduler's job protects its pipeline, a waiting one is canceled")
    func instances() {
        var gitlab = Self.waitingGitLab()
        let running = gitlab.withInstance(at: 0)
        let waiting = gitlab.withInstance(at: 1, status: .waitingForResource)
        gitlab.advance(to: start + 60 * second)
        gitlab.push(to: "main", followedBy: FakeBehaviour())
        #expect(running.flatMap(gitlab.job)?.status == .running)
        #expect(waiting.flatMap(gitlab.job)?.status == .canceled)
    }
}
