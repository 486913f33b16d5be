import CivilTime
import FakeGitLab
import Scheduling
import TestSupport

/// Unexpected behavior of GitLab. Half of the simulations have some of it. See `FakeSettings` for each kind.
struct Surprises {
    /// Some jobs name their project by its path.
    let usesPaths: Bool
    /// The first job has inputs, and this GitLab is too old for them.
    let isTooOldForInputs: Bool
    private let readLag: Int64
    private let perMinuteOfUser: Int
    private let autoCancelDelay: Int64

    init(_ mode: Scenario.Mode, _ random: inout SplitMix) {
        usesPaths = random.chance(1, in: 2)
        isTooOldForInputs = random.chance(1, in: 5)
        // In CI, a process tolerates the lag of a replica for five seconds.
        let longest: Int64 = mode == .alone ? 10 : 4
        readLag = random.chance(1, in: 4) ? Int64.random(in: 1...longest, using: &random) * 1_000_000 : 0
        perMinuteOfUser = random.chance(1, in: 4) ? 8 : 0
        autoCancelDelay = Int64.random(in: 0...5, using: &random) * 1_000_000
    }

    static let projectPath = "acme/cron-demo"

    func change(_ jobs: inout [Job], _ random: inout SplitMix) {
        for index in jobs.indices where usesPaths && random.chance(1, in: 2) {
            jobs[index].project = Self.projectPath
        }
        jobs[0].inputs = [.init(name: "level", value: .text("full"))]
    }

    func change(_ gitlab: inout FakeSettings) {
        gitlab.readLag = readLag
        gitlab.pipelinesPerMinuteOfUser = perMinuteOfUser
        gitlab.cancelsRedundant = true
        gitlab.autoCancelDelay = autoCancelDelay
        gitlab.jobRetriesPerMinute = 3
        gitlab.retriesPerJob = 14
        gitlab.version = isTooOldForInputs ? "17.9.8" : "19.2.0"
        guard let usual = gitlab.behaviourOf else { return }
        gitlab.behaviourOf = { pipeline in usual(pipeline).map { Self.changed($0, by: pipeline.runID ?? "") }
        }
    }

    /// Some pipelines have more than one job, by a hash of their run id.
    private static func changed(_ usual: FakeBehaviour, by runID: String) -> FakeBehaviour {
        var behaviour = usual
        let hash = runID.utf8.reduce(UInt64(5_381)) { $0 &* 33 ^ UInt64($1) } >> 8
        let failures = usual.jobs[0].failures
        switch hash % 12 {
        case 0: behaviour.jobs.append(FakeJobPlan(name: "release", stage: "release", outcome: .manual))
        case 1:
            behaviour.jobs.append(FakeJobPlan(name: "beside"))
            behaviour.onJobFailure = .all
        case 2: behaviour.jobs[0].isRetryable = false
        case 3:
            behaviour.jobs[0].failures = 0
            behaviour.jobs.append(
                FakeJobPlan(
                    name: "downstream", stage: "downstream", failures: failures,
                    child: FakeChild(isAwaited: false)))
        case 4:
            let child = FakeChild(jobs: [
                FakeJobPlan(name: "child", outcome: failures > 0 ? .failed : .success)
            ])
            behaviour.jobs.append(FakeJobPlan(name: "downstream", stage: "downstream", child: child))
        default: break
        }
        behaviour.onNewCommit = FakeAutoCancel.OnNewCommit.allCases[Int(hash >> 8) % 3]
        behaviour.jobs[0].isInterruptible = hash >> 16 & 1 == 1
        return behaviour
    }

    /// GitLab's messages about faults that pass.
    static let passingFaults: [FakeSentence] = [
        .undefinedError, .failedToPersistRetry, .configurationTimeout, .remoteTimeout, .remoteSocketError,
        .remoteHTTPError, .commitNotFound,
    ]
}

extension Simulation {
    /// An operator renames the project, or moves it to another group.
    func moveProject() {
        record.moves += 1
        gitlab.moveProject(4_242, to: "acme/cron-demo-\(record.moves)")
    }

    /// An operator creates a new token instead of rotating the old one. It belongs to another user.
    func remakeToken() {
        record.tokensRemadeAt.append(now)
        gitlab.recreateTokens()
    }

    func pushCommit() { gitlab.push(to: scenario.settings.ref, followedBy: FakeBehaviour()) }

    /// A process must not post a run if its pipeline is already visible.
    func judgeTwin(_ runID: String, sentAt: Instant) {
        let first = record.firstPost[runID] ?? sentAt
        record.firstPost[runID] = first
        guard !record.forged.contains(runID) else { return }
        let seen = sentAt.advanced(by: .microseconds(-gitlab.settings.readLag - 1_000_000)).microseconds
        for pipeline in gitlab.pipelines where pipeline.runID == runID && pipeline.createdAt < seen {
            // If GitLab took longer than the settle time allows, no scheduler could know in time.
            let sent = record.sentAt[pipeline.id] ?? first
            let took = sent.duration(to: Instant(microseconds: pipeline.createdAt))
            guard isVisible(pipeline), !hadRival(pipeline), took < scenario.settings.settle - .seconds(5)
            else { continue }
            complain("\(runID) is posted again, and has pipeline \(pipeline.id)")
        }
    }

    /// The scheduler does not look up what another scheduler posts.
    private func hadRival(_ pipeline: FakePipeline) -> Bool {
        let fireTime = RunID(pipeline.runID ?? "")?.fireTime ?? .distantPast
        return record.hadRival(at: fireTime) || record.hadRival(at: Instant(microseconds: pipeline.createdAt))
    }

    private func isVisible(_ pipeline: FakePipeline) -> Bool {
        pipeline.name?.contains(pipeline.runID ?? "?") == true
            || gitlab.settings.tokens.contains { $0.user == pipeline.user }
    }
}
