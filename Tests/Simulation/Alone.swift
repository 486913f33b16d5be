/// A process outside CI. After each death the simulation starts it again with the ledger that is there.
extension Simulation {
    private var ledgerPath: String { "\(directory)/ledger.db" }

    func startAlone() throws {
        let machine = Machine(ahead: random.milliseconds(-2_000...2_000), of: time)
        _ = try boot(ledgerPath: ledgerPath, instance: nil, machine: machine)
    }

    /// Another operator starts a scheduler of the same jobs elsewhere, and ends it later. Only pipeline names show it.
    func startRival() throws {
        guard scenario.areNamed, record.rivals.last.map({ $0.end < now }) ?? true else {
            return
        }
        let machine = Machine(ahead: .zero, of: time)
        let path = "\(directory)/rival\(record.rivals.count).db"
        let life = try boot(ledgerPath: path, instance: nil, machine: machine)
        life.isRival = true
        record.rivals.append((now, .distantFuture))
        plan(after: .seconds(scenario.pauseSeconds) + random.seconds(0...600)) { $0.terminate(life) }
    }

    /// An operator or the disk loses the ledger, or an operator puts back a backup.
    private func loseLedger() throws {
        guard scenario.losses == .sometimes else { return }
        if random.chance(1, in: 4) { backup = try LedgerFiles(at: ledgerPath) }
        guard random.chance(1, in: 8) else { return }
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
            tell("trouble: the ledger is lost")
            LedgerFiles.remove(at: ledgerPath)
        case 1:
            tell("trouble: the ledger is damaged")
            var files = try LedgerFiles(at: ledgerPath)
            files.damage(&random)
            try files.write(to: ledgerPath)
        default:
            tell("trouble: a backup of the ledger is put back")
            try backup?.write(to: ledgerPath)
        }
    }

    /// Usually at once, as systemd does; sometimes after a pause in which fire times fall due.
    func restart(_ life: Life) {
        let delay =
            random.chance(3, in: 4) ? random.seconds(0...20) : random.seconds(20...scenario.longestPause)
        plan(after: delay) { simulation in
            try simulation.loseLedger()
            _ = try simulation.boot(ledgerPath: simulation.ledgerPath, instance: nil, machine: life.machine)
        }
    }
}
