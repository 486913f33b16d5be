import CivilTime
import FakeGitLab
import Ledger
import Scheduling

/// What channels are told has happened, and what must be told is.
extension Invariants {
    func nothingIsToldThatDidNotHappen() {
        for letter in simulation.receivers.received {
            guard let run = RunID(letter.subject) else { continue }
            let history = pipelines.filter { $0.runID == letter.subject }.flatMap(\.history).map(\.status)
            let row = scenario.losses == .none ? rowOf[letter.subject] : nil
            let hasHappened =
                switch letter.kind {
                case .failed,
                    .pingFail where row?.state == .failed:
                    [.failed, .canceled, .manual].contains { history.contains($0) }
                case .recovered, .pingSuccess: history.contains(.success)
                case .blocked: history.contains(.manual)
                case .pingStart: !history.isEmpty
                case .refused: row.map { $0.state == .refused || !$0.state.isOpen } ?? true
                // Instances with ledgers of their own may judge a claim that has no pipeline differently.
                case .missed: row.map { !$0.state.isOpen || $0.pipeline != nil } ?? true
                default: true
                }
            expect(
                hasHappened,
                "\(letter.channel) was told \(letter.kind.rawValue) of \(run), and that did not happen")
        }
    }

    /// Where one ledger knows everything, each failure of the first job is told, or waits to be.
    func everyFailureIsTold() throws {
        guard scenario.hasChannels, scenario.mode == .alone, scenario.losses == .none else { return }
        let receivers = simulation.receivers
        let told = Set((receivers.received + receivers.refused).filter { $0.kind == .failed }.map(\.subject))
        let ledger = try Ledger(path: try simulation.lastLedger(), access: .reading)
        let waiting = Set(try ledger.load().outbox.map(\.subject))
        for row in rowsOfJob[scenario.jobs[0].name, default: []] where row.state == .failed {
            let id = row.id.description
            expect(told.contains(id) || waiting.contains(id), "\(id) failed, and nobody was told")
        }
    }
}
