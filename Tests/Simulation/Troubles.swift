import CivilTime
import FakeGitLab
import HTTP
import Scheduling

@testable import Orchestrator

/// A trouble of GitLab, a machine or a process.
enum Trouble: CaseIterable {
    case gitlabIsDown, gitlabIsReadOnly, proxyAnswers, tokenHasEnded, jobsAPIIsDown, isCutOff, diskIsFull,
        isSuspended, isTerminated, clockIsSet, clockJumps, dateIsWrong, runIDIsForged,
        strangerComes, restartsInALoop, rivalComes, projectIsMoved, tokenIsRemade, commitIsPushed

    static let alone: [Trouble] = [
        .gitlabIsDown, .gitlabIsReadOnly, .proxyAnswers, .tokenHasEnded, .diskIsFull, .isSuspended,
        .isTerminated, .clockIsSet, .clockJumps, .dateIsWrong, .runIDIsForged, .restartsInALoop, .rivalComes,
    ]

    static let surprising: [Trouble] = [.projectIsMoved, .tokenIsRemade, .commitIsPushed]

    static let fleet = allCases.filter {
        $0 != .restartsInALoop && $0 != .rivalComes && !surprising.contains($0)
    }
}

/// Plans the troubles. The seed decides what goes wrong and when.
extension Simulation {
    func planTroubles(until end: Instant) {
        addFaults()
        planMarkChange(until: end)
        if scenario.hasTroubles { planTrouble(until: end) }
        if scenario.mode == .fleet { planSuccessor(until: end) }
    }

    private func planTrouble(until end: Instant) {
        let delay = random.seconds(1...max(2, scenario.pauseSeconds * 2))
        guard now.advanced(by: delay) < end else { return }
        let usual = scenario.mode == .alone ? Trouble.alone : Trouble.fleet
        let trouble = random.pick(
            scenario.surprises == nil ? usual : usual + Trouble.surprising, or: .gitlabIsDown)
        plan(after: delay) { simulation in
            simulation.strike(trouble)
            simulation.planTrouble(until: end)
        }
    }

    private func strike(_ trouble: Trouble) {
        tell("trouble: \(trouble)")
        switch trouble {
        case .gitlabIsDown: outages.gitlab = now.advanced(by: outage())
        case .gitlabIsReadOnly: maintain()
        case .proxyAnswers: outages.proxy = now.advanced(by: outage())
        case .tokenHasEnded: endToken()
        case .jobsAPIIsDown: outages.jobs = now.advanced(by: outage())
        case .isCutOff: anyone.map { outages.lives[$0.number] = now.advanced(by: outage()) }
        case .diskIsFull: anyone.map { outages.disks[$0.number] = now.advanced(by: random.seconds(1...40)) }
        case .isSuspended: suspend()
        case .isTerminated: anyone.map(terminate)
        case .clockIsSet: anyone.map { stepClock(of: $0.machine, atMost: scenario.furthestClock) }
        case .clockJumps: anyone.map { jump($0.machine) }
        case .dateIsWrong: showWrongDate()
        case .runIDIsForged: forgeRunID()
        case .strangerComes: addStranger()
        case .restartsInALoop: restartInALoop()
        case .projectIsMoved: moveProject()
        case .tokenIsRemade: remakeToken()
        case .commitIsPushed: pushCommit()
        case .rivalComes: do { try startRival() } catch { complain("no rival: \(error)") }
        }
    }

    /// One successor after the other, at random distances. Some start while the previous one is still starting.
    private func planSuccessor(until end: Instant) {
        let pause = scenario.pauseSeconds
        let isCalm = scenario.kind.isCalm
        let soon = random.seconds(0...40)
        var delay =
            !isCalm && random.chance(1, in: 4) ? soon : random.seconds(pause / (isCalm ? 1 : 4)...pause * 2)
        if case .day = scenario.kind { delay = .seconds(7_200) }
        guard now.advanced(by: delay) < end else { return }
        plan(after: delay) { simulation in
            let dies = simulation.scenario.hasTroubles && simulation.random.chance(1, in: 5)
            simulation.addInstance(diesAfter: dies ? simulation.random.seconds(2...90) : nil)
            simulation.planSuccessor(until: end)
        }
    }

    var newest: Life? { lives.last { $0.state == .running && !$0.isRival } }
    private var anyone: Life? { lives.filter { $0.state == .running }.randomElement(using: &random) }

    private func outage() -> Duration {
        random.chance(2, in: 3) ? random.seconds(1...90) : random.seconds(60...600)
    }

    private func maintain() {
        gitlab.settings.isReadOnly = true
        plan(after: outage()) { $0.gitlab.settings.isReadOnly = false }
    }

    /// A machine in between changes the date of GitLab's answers to years ahead.
    private func showWrongDate() {
        gitlab.settings.dateAhead = random.pick([86_400, 3_650 * 86_400], or: 86_400) * 1_000_000
        plan(after: random.chance(1, in: 2) ? random.seconds(1...20) : outage()) {
            $0.gitlab.settings.dateAhead = 0
        }
    }

    /// The token is wrong for a while, until an operator makes a valid one.
    private func endToken() {
        setToken(to: random.pick([.expired, .revoked], or: .expired))
        plan(after: outage()) { $0.setToken(to: .active) }
    }

    private func setToken(to state: FakeToken.State) {
        for index in gitlab.settings.tokens.indices { gitlab.settings.tokens[index].state = state }
    }

    /// The machine sleeps, or is too busy for the process.
    private func suspend() {
        guard let life = anyone else { return }
        life.hangsUntil = now.advanced(
            by: random.chance(1, in: 2) ? random.seconds(5...90) : random.seconds(60...900))
        wake(life)
    }

    /// The Cancel button of a CI job, `docker stop`, or a machine that shuts down.
    func terminate(_ life: Life) {
        life.inbox.append(.event(.terminated(signal: "SIGTERM")))
        wake(life)
    }

    private func stepClock(of machine: Machine, atMost most: Int) {
        let most = random.chance(1, in: 2) ? most : min(most, 90)
        // At most half of it, so that two clocks never differ by more than all of it.
        let half = most * 500
        machine.jump(by: .zero)
        machine.setClock(by: random.milliseconds(-half...half) - machine.ahead)
        for life in lives where life.state == .running && life.machine === machine {
            // The process's earlier alarm notices the step within a minute.
            wake(life, after: random.seconds(0...60))
        }
    }

    /// The clock is far ahead for some seconds or minutes, and then right again. A process that begins meanwhile sees
    /// the right time.
    private func jump(_ machine: Machine) {
        machine.jump(
            // Never as far as a wrong date, because two equal errors would confirm each other.
            by: random.pick([.seconds(3_600), .seconds(30 * 86_400), .seconds(3_000 * 86_400)], or: .zero))
        let end = random.chance(2, in: 3) ? random.seconds(1...60) : random.seconds(60...600)
        let notices = random.seconds(0...5)
        plan(after: end) { simulation in
            machine.jump(by: .zero)
            for life in simulation.lives where life.state == .running && life.machine === machine {
                simulation.wake(life, after: notices)
            }
        }
        for life in lives where life.state == .running && life.machine === machine {
            wake(life, after: notices)
        }
    }

    /// A user starts a pipeline with the run id of a distant fire time.
    private func forgeRunID() {
        let job = random.pick(scenario.jobs.map(\.name), or: "")
        let far = scenario.span + scenario.quiet * 8
        let coming = Instant(seconds: now.seconds).advanced(
            by: far + random.seconds(0...3_600) * (random.chance(1, in: 2) ? 1 : 86_400))
        // Or with one that no ledger can hold.
        let time = random.chance(1, in: 5) ? Instant(seconds: -62_135_596_800) : coming
        let id = RunID(job: job, fireTime: time)
        let variables = #""variables":[{"key":"ORCHESTRATE_RUN_ID","value":"\#(id)"}]"#
        let inputs = #""inputs":{"orchestrate_run_id":"\#(id)"}"#
        let allowsVariables = gitlab.settings.projects[0].variablesRole == "developer"
        let body =
            #"{"ref":"\#(scenario.settings.ref)",\#(allowsVariables ? variables : inputs)}"#
        let request = HTTPRequest(
            .post, "/projects/\(scenario.settings.project)/pipeline", body: Array(body.utf8),
            deadline: .seconds(60))
        record.forged.insert("\(id)")
        _ = gitlab.respond(to: FakeRequest(request, token: Self.token), at: now.microseconds)
    }

    /// A fault kills the process again and again, each time before it has waited for the POSTs of other instances.
    private func restartInALoop() {
        for round in 1...4 {
            plan(after: .seconds(round * 18) + random.seconds(0...9)) { simulation in
                simulation.newest?.isDying = true
            }
        }
    }

    /// A CI job of the same name on another branch. It is no instance of this scheduler.
    private func addStranger() {
        let job = gitlab.startInstance(ref: "other", at: now.microseconds)
        guard let job else { return }
        plan(after: random.seconds(10...300)) { simulation in
            simulation.gitlab.setInstance(job, to: .success, at: simulation.now.microseconds)
        }
    }

    /// Nothing goes wrong any more.
    func calmDown() {
        gitlab.removeFaults()
        crashes = .never
        outages = Outages()
        gitlab.settings.isReadOnly = false
        gitlab.settings.dateAhead = 0
        setToken(to: .active)
        isCalm = true
        for life in lives { life.machine.jump(by: .zero) }
        for life in lives where life.isRival && life.state == .running { terminate(life) }
        for life in lives where life.state == .running {
            life.hangsUntil = min(life.hangsUntil, now)
            wake(life)
        }
        if scenario.mode == .fleet { replace() }
    }

    private func addFaults() {
        guard scenario.hasFaults else { return }
        for (fault, probability) in Self.faults {
            var fault = fault
            fault.probability = probability
            gitlab.add(fault)
        }
        for sentence in scenario.surprises == nil ? [] : Surprises.passingFaults {
            var fault = FakeFault.says(sentence, times: nil)
            fault.probability = 0.004
            gitlab.add(fault)
        }
        // Longer than any process waits. Only a process that lives on looks for the twins that result. A run that gives
        // way to a later one, or is too late by then, gets no second POST.
        guard case .never = scenario.crashes, scenario.kind == .whole, !scenario.hasTroubles,
            scenario.mode == .alone,
            !scenario.jobs.contains(where: { $0.overlap == .cancel || $0.misfireGrace != nil })
        else { return }
        for seconds in [76, 78, 90, 130] {
            var fault = FakeFault(
                on: .createPipeline, effect: .late(microseconds: Int64(seconds) * 1_000_000), reply: .cut,
                times: nil)
            fault.probability = 0.02
            gitlab.add(fault)
        }
    }

    private static let faults: [(FakeFault, Double)] =
        [
            (.status(502, on: .createPipeline, effect: .none, times: nil), 0.02),
            (.status(500, on: .createPipeline, effect: .now, times: nil), 0.02),
            (.cut(on: .createPipeline, effect: .now, times: nil), 0.02),
            (.hang(on: .createPipeline, effect: .now, times: nil), 0.01),
            (.tooManyPipelines(times: nil), 0.02), (.tooManyRequests(retryAfter: 30, times: nil), 0.005),
            (FakeFault(effect: .none, reply: .canned(.proxy(404)), times: nil), 0.004),
            (FakeFault(on: .createPipeline, effect: .now, reply: .canned(.proxy(403)), times: nil), 0.01),
            (.status(503, times: nil), 0.01), (.slow(by: 8_000_000, times: nil), 0.01),
            (FakeFault(effect: .now, reply: .truncated, times: nil), 0.005),
        ]
        // GitLab continues for up to a minute after the client has given up.
        + [2, 20, 40, 59].map { seconds in
            (
                FakeFault(
                    on: .createPipeline, effect: .late(microseconds: seconds * 1_000_000), reply: .cut,
                    times: nil),
                0.006
            )
        }
}
