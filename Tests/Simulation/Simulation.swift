import CivilTime
import FakeGitLab
import GitLab
import Ledger
import Scheduling
import TestSupport

/// A simulated world: GitLab, the network, machines and processes, in virtual time. Everything happens on one thread,
/// in an order that the seed decides.
final class Simulation {
    typealias Happening = (Simulation) throws -> Void

    /// A process touches the ledger or the network. The simulation may kill it at these points.
    enum Touch: CaseIterable { case commits, hasCommitted, hasSent, isCarriedOut }

    /// When the simulation kills processes.
    enum Crashes {
        case never
        /// At one of this number of touches.
        case oneIn(Int)
        /// Once, at the touch with this number.
        case at(Int)
    }

    let scenario: Scenario
    let directory: String
    /// Receives a line about everything that happens; nil: no trace.
    let trace: ((String) -> Void)?
    var gitlab: FakeGitLab
    let time: TrueTime
    var random: SplitMix
    var crashes: Crashes
    var agenda = Agenda<Happening>()
    let wire = Wire()
    let executor = VirtualExecutor()
    var lives: [Life] = []
    var travels = Travels()
    var outages = Outages()
    var receivers: Receivers
    var fleet: Fleet
    /// An earlier state of the ledger, for a process outside CI.
    var backup: LedgerFiles?
    /// The first process of each ledger, by the ledger's path.
    var founders: [String: Life] = [:]
    var record = Record()
    /// Nothing goes wrong any more.
    var isCalm = false
    private var happenings = 0

    init(_ scenario: Scenario, directory: String, crashes: Crashes, trace: ((String) -> Void)? = nil) {
        self.trace = trace
        self.scenario = scenario
        self.directory = directory
        self.crashes = crashes
        gitlab = FakeGitLab(scenario.gitlab)
        time = TrueTime(scenario.start)
        random = scenario.random
        fleet = Fleet()
        receivers = Receivers(seed: scenario.seed)
    }

    /// The whole scenario: its troubles, and then a quiet time in which everything must settle.
    func run() throws {
        let end = scenario.start.advanced(by: scenario.span)
        switch scenario.mode {
        case .alone: try startAlone()
        case .fleet: startFleet()
        }
        planTroubles(until: end)
        try advance(to: end)
        let touches = record.touches
        calmDown()
        try advance(to: end.advanced(by: scenario.quiet))
        // Instances that follow one another at the end may have left no quiet time.
        for _ in 0..<5 {
            let settled = (newest?.beganAt ?? now).advanced(by: scenario.quiet)
            if settled > now { try advance(to: min(settled, now.advanced(by: scenario.quiet))) }
        }
        record.touches = touches
        record.messages = receivers.received.count
        record.span = scenario.span
        let runs = Dictionary(grouping: gitlab.pipelines.compactMap(\.runID)) { $0 }
        record.twins = runs.values.count { $0.count > 1 }
        if scenario.kind.isCalm, scenario.kind != .calm || !scenario.usesResourceGroup {
            record.lateness = lateness().map(\.late)
        }
        for life in lives where life.state == .running {
            abandonRequests(of: life)
            try life.close()
        }
    }

    var now: Instant { time.now }

    func plan(after delay: Duration, _ happening: @escaping Happening) {
        agenda.add(happening, at: now.advanced(by: delay).microseconds)
    }

    private func advance(to end: Instant) throws {
        while let (at, happening) = agenda.removeFirst(dueBy: end.microseconds) {
            time.now = max(now, Instant(microseconds: at))
            happenings += 1
            guard happenings < scenario.mostHappenings else { throw Endless(happenings: happenings, at: now) }
            try happening(self)
            try pump()
        }
        time.now = end
    }

    /// Lets tasks run, requests leave and answers arrive, until nothing more happens at this instant.
    private func pump() throws {
        while true {
            executor.drain()
            let departures = wire.takeDepartures()
            for departure in departures { depart(departure) }
            let answers = wire.takeAnswers()
            for (life, answer) in answers { deliver(answer, to: lives[life]) }
            for life in lives where life.isDying && life.state == .running { try kill(life) }
            if departures.isEmpty && answers.isEmpty { return }
        }
    }

    /// Whether the simulation kills the process at this touch.
    func isKilled(_ life: Life, at touch: Touch) -> Bool {
        guard !life.isDying, life.state == .running else { return false }
        record.touches += 1
        let isHit =
            switch crashes {
            case .never: false
            case .oneIn(let many): random.chance(1, in: many)
            case .at(let number): number == record.touches
            }
        guard isHit else { return false }
        // A signal may also come at any of these points.
        if case .oneIn = crashes, random.chance(1, in: 4) {
            terminate(life)
            return false
        }
        record.crashes[touch, default: 0] += 1
        life.isDying = true
        return true
    }

    /// `SEED=7 TRACE=1` prints these lines.
    func tell(_ words: @autoclosure () -> String) {
        trace?("\(now.rfc3339) \(words())")
    }

    /// Records something that must not happen with any seed.
    func complain(_ words: String) {
        let at = (now.duration(to: scenario.start) * -1).rough
        record.problems.append("after \(at): \(words)")
    }

    /// The simulation does not end.
    struct Endless: Error, CustomStringConvertible {
        let happenings: Int
        let at: Instant

        var description: String { "no end after \(happenings) happenings, at \(at.rfc3339)" }
    }
}
