import CivilTime
import FakeGitLab
import Scheduling

/// The instances of a scenario in CI. Each one is a CI job.
struct Fleet {
    struct Member {
        let job: Int64
        let machine: Machine
        var life: Life?
        /// The job dies before its process begins, this long after the job's start.
        var diesAfter: Duration?
        var isOver = false
    }

    var members: [Member] = []
    var cache = CICache()

    func index(of job: Int64) -> Int? { members.firstIndex { $0.job == job } }

    /// Jobs that run, or wait for a runner or the resource.
    var going: [Member] { members.filter { !$0.isOver } }
}

extension Simulation {
    static let group = "orchestrate"

    func startFleet() { addInstance() }

    /// A pipeline schedule or a push starts another instance.
    func addInstance(diesAfter: Duration? = nil) {
        let isFree = !scenario.usesResourceGroup || fleet.going.isEmpty
        let job = gitlab.startInstance(
            at: now.microseconds, status: isFree ? .pending : .waitingForResource,
            resourceGroup: scenario.usesResourceGroup ? Self.group : nil,
            // As in scheduler-ci.yml: a push must not cancel an instance that waits.
            onNewCommit: .none)
        guard let job else { return complain("the simulated GitLab has no project for an instance") }
        let machine = Machine(ahead: random.milliseconds(-1_500...1_500), of: time)
        fleet.members.append(Fleet.Member(job: job, machine: machine, diesAfter: diesAfter))
        if isFree { plan(after: random.seconds(0...8)) { $0.startJob(job) } }
    }

    /// A runner takes the job, fetches the code, restores the cache and starts the process.
    private func startJob(_ job: Int64) {
        guard let index = fleet.index(of: job), !fleet.members[index].isOver else { return }
        gitlab.setInstance(job, to: .running, at: now.microseconds)
        if let pause = fleet.members[index].diesAfter {
            return plan(after: pause) { $0.endJob(job, .failed, stores: nil) }
        }
        plan(after: random.seconds(slowRunner ?? 1...15)) { simulation in
            let path = "\(simulation.directory)/\(job).db"
            let origin = try simulation.fleet.cache.restore(
                to: path, losing: simulation.scenario.losses, &simulation.random)
            simulation.founders[path] = origin.flatMap { simulation.founders[$0] }
            simulation.plan(after: simulation.random.seconds(0...10)) { simulation in
                guard let index = simulation.fleet.index(of: job), !simulation.fleet.members[index].isOver
                else {
                    return
                }
                let machine = simulation.fleet.members[index].machine
                simulation.fleet.members[index].life =
                    try simulation.boot(ledgerPath: path, instance: job, machine: machine)
            }
        }
    }

    /// In a simulated day, a runner takes this long for an image and for a cache, in seconds; nil: less.
    private var slowRunner: ClosedRange<Int>? { if case .day = scenario.kind { 5...40 } else { nil } }

    /// The process of a CI job has ended. The runner notices, stores the cache and tells GitLab.
    func hasEnded(_ life: Life, code: Int32) {
        guard let job = life.instance else { return }
        // The runner dies with the process: it stores nothing, and GitLab believes for a long time that the job runs.
        if code != 0 && random.chance(1, in: 3) {
            let silence = random.seconds(30...600)
            return plan(after: silence) { $0.endJob(job, .failed, stores: nil) }
        }
        let isStored = code == 0 || random.chance(1, in: 2)
        plan(after: random.seconds(slowRunner ?? 1...12)) { simulation in
            simulation.endJob(job, code == 0 ? .success : .failed, stores: isStored ? life.ledgerPath : nil)
        }
    }

    private func endJob(_ job: Int64, _ status: FakeStatus, stores path: String?) {
        guard let index = fleet.index(of: job), !fleet.members[index].isOver else { return }
        fleet.members[index].isOver = true
        if let path { do { try fleet.cache.store(path) } catch { complain("the cache: \(error)") } }
        gitlab.setInstance(job, to: status, at: now.microseconds)
        giveResource()
        if fleet.going.isEmpty {
            plan(after: random.seconds(isCalm ? 1...20 : 1...scenario.pauseSeconds)) { $0.replace() }
        }
    }

    func replace() {
        if fleet.going.isEmpty { addInstance() }
    }

    /// GitLab's worker gives the resource to the next job that waits for it.
    private func giveResource() {
        guard scenario.usesResourceGroup else { return }
        let isHeld = fleet.going.contains { gitlab.job($0.job)?.status != .waitingForResource }
        let waiting = fleet.going.map(\.job)
        guard !isHeld, let next = scenario.newestFirst ? waiting.last : waiting.first else { return }
        gitlab.setInstance(next, to: .pending, at: now.microseconds)
        plan(after: random.seconds(1...10)) { $0.startJob(next) }
    }

    /// The running successors of an instance, and their start according to GitLab.
    func successors(of life: Life) -> [Int64: Instant] {
        guard let own = life.instance, let name = gitlab.job(own)?.name else { return [:] }
        let running = gitlab.instances.filter { job in
            job.id > own && job.status == .running && job.name == name
                && gitlab.pipeline(job.pipelineID)?.ref == scenario.settings.ref
        }
        return Dictionary(
            uniqueKeysWithValues: running.map { ($0.id, Instant(microseconds: $0.startedAt ?? $0.createdAt)) }
        )
    }

    /// A process sends a POST. In CI it may do so only while it holds a lease.
    func judgePost(of life: Life) {
        guard life.instance != nil else { return }
        let lease = scenario.settings.lease
        let hasProof = life.provedAt.duration(to: now) < lease
        // A successor that has run for longer than a lease has taken over.
        let successors = successors(of: life)
        // Dates have no fractions. The margin between two instances covers that.
        let slack = Duration.seconds(4)
        for (job, start) in successors.sorted(by: { $0.key < $1.key })
        where start.advanced(by: lease + slack) < now {
            complain(
                "\(name(of: life)) posts \(start.duration(to: now).rough) after its successor \(job) started"
            )
        }
        let mayFinish = life.successors.values.contains { now <= $0.advanced(by: lease + slack) }
        if !hasProof && !mayFinish {
            let age =
                life.provedAt == .distantPast ? "never" : "\(life.provedAt.duration(to: now).rough) ago"
            complain("\(name(of: life)) posts without a lease: last proof \(age)")
        }
    }
}

extension Life {
    /// An answer shows the running successors. If there are none, it is the proof for a lease.
    func heard(of running: [Int64: Instant], askedAt: Instant) {
        successors.merge(running) { first, _ in first }
        if running.isEmpty { provedAt = askedAt }
    }
}
