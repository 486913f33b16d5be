/// A process outside CI: after each death it is started again, with the ledger that is there.
extension Simulation {
    private var ledgerPath: String { "\(directory)/ledger.db" }

    func startAlone() throws {
        let machine = Machine(ahead: random.milliseconds(-2_000...2_000), of: time)
        _ = try boot(ledgerPath: ledgerPath, instance: nil, machine: machine)
    }

    /// Somebody deletes it, or the disk does, or a backup is put in its place.
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

    /// Most often at once, as systemd does; now and then after a while, in which fire times fall due.
    func restart(_ life: Life) {
        let delay =
            random.chance(3, in: 4) ? random.seconds(0...20) : random.seconds(20...scenario.longestPause)
        plan(after: delay) { simulation in
            try simulation.loseLedger()
            _ = try simulation.boot(ledgerPath: simulation.ledgerPath, instance: nil, machine: life.machine)
        }
    }
}
