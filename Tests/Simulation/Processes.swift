import CivilTime
import Ledger
import Scheduling

@testable import Orchestrator

/// How processes begin, step, sleep and end.
extension Simulation {
    func boot(ledgerPath: String, instance: Int64?, machine: Machine) throws -> Life {
        let life = try Life(
            number: lives.count, scenario: scenario, ledgerPath: ledgerPath, instance: instance,
            machine: machine, wire: wire)
        lives.append(life)
        if life.isBlank { founders[ledgerPath] = life }
        tell("\(name(of: life)) begins, its clock is \(machine.ahead.rough) ahead")
        record.lives += 1
        life.watchCommits(
            before: { [unowned self, unowned life] in commits(life) },
            after: { [unowned self, unowned life] in
                record.commits += 1
                _ = isKilled(life, at: .hasCommitted)
            })
        wake(life)
        return life
    }

    private func commits(_ life: Life) -> CommitWatch.Verdict {
        if life.isDying || isKilled(life, at: .commits) { return .refuse }
        return now < outages.disks[life.number] ?? .distantPast ? .refuse : .commit
    }

    /// Lets the process step after this delay.
    func wake(_ life: Life, after delay: Duration = .zero) {
        life.alarm += 1
        let alarm = life.alarm
        let at = max(now.advanced(by: delay), life.hangsUntil)
        agenda.add({ if life.alarm == alarm { try $0.step(life) } }, at: at.microseconds)
    }

    /// Sets its alarm. The alarm rings a little late, or at once if its time has passed.
    func arm(_ life: Life) {
        guard let wake = life.wishes.wake else {
            life.alarm += 1
            return
        }
        let delay = life.machine.reading.wall.duration(to: wake)
        self.wake(life, after: delay <= .zero ? .zero : delay + lag)
    }

    /// How late an alarm rings.
    private var lag: Duration { scenario.kind.isTold ? .zero : random.milliseconds(0...40) }

    private func step(_ life: Life) throws {
        guard life.state == .running else { return }
        guard now >= life.hangsUntil else { return wake(life) }
        if life.inbox.isEmpty { life.inbox = [.event(.woke)] }
        let ending = life.step()
        if life.isDying { return sendLastRequests(of: life) }
        life.takeNotices().forEach { note($0, of: life) }
        if let ending { return try end(life, ending) }
        perform(life.takeErrands(), of: life)
        arm(life)
    }

    /// Usually at once, but the machine may stop the process just before its requests leave.
    private func perform(_ errands: [Errand], of life: Life) {
        for case .post(let order) in errands.lazy.map(\.request) { judgeTime(of: order, by: life) }
        guard scenario.hasTroubles, !isCalm, random.chance(1, in: 500) else {
            return errands.forEach { start($0, of: life) }
        }
        let pause = random.seconds(1...120)
        tell("trouble: \(name(of: life)) stops for \(pause.rough)")
        life.hangsUntil = now.advanced(by: pause)
        plan(after: pause) { simulation in
            guard life.state == .running, !life.isDying else { return }
            errands.forEach { simulation.start($0, of: life) }
        }
    }

    /// A process that dies in the middle of a step has sent some of its requests.
    private func sendLastRequests(of life: Life) {
        life.hasLastRequests = true
        for errand in life.takeErrands() where random.chance(1, in: 2) { start(errand, of: life) }
    }

    private func start(_ errand: Errand, of life: Life) {
        let (exchange, wire, number) = (life.exchange, wire, life.number)
        Task(executorPreference: executor) {
            wire.bring(.answer(await exchange.answer(errand), to: errand.scheduler), to: number)
        }
    }

    func deliver(_ message: Message, to life: Life) {
        guard life.state == .running, !life.isDying else { return }
        life.inbox.append(message)
        wake(life)
    }

    private func note(_ notice: Notice, of life: Life) {
        tell("\(name(of: life)) \(notice.event): \(notice.message)\(notice.run.map { " (\($0))" } ?? "")")
        if notice.event == "scheduling" { life.beganAt = min(life.beganAt, now) }
        if notice.event == "superseded" { record.handovers += 1 }
    }

    private func end(_ life: Life, _ ending: Ending) throws {
        life.state = .ended(ending.code)
        abandonRequests(of: life)
        try life.close(after: ending)
        // A process that is asked to end cannot end in order while its disk accepts nothing.
        let hasDisk = now >= outages.disks[life.number] ?? .distantPast
        if ending.code != 0, hasDisk {
            complain("\(name(of: life)) ended with \(ending.code): \(ending.words)")
        }
        isOver(life, code: ending.code)
    }

    func kill(_ life: Life) throws {
        tell("\(name(of: life)) is killed")
        life.state = .killed
        abandonRequests(of: life)
        try life.kill()
        isOver(life, code: 137)
    }

    private func isOver(_ life: Life, code: Int32) {
        guard !life.isRival else { return record.rivals[record.rivals.count - 1].end = now }
        if life.instance == nil { restart(life) } else { hasEnded(life, code: code) }
    }

    func name(of life: Life) -> String { life.instance.map { "instance \($0)" } ?? "process \(life.number)" }

    /// A POST is never early by the process's own clock, as it is now or as it was before it was set back.
    private func judgeTime(of order: Order, by life: Life) {
        let due = order.run.fireTime.advanced(by: order.job.delay)
        let early = life.machine.latest.duration(to: due)
        let slack = life.machine.hasJumped ? life.machine.wasSetBy : .zero
        if early > slack { complain("\(name(of: life)) posts \(order.run) \(early.rough) early") }
    }
}
