import CivilTime
import GitLab
import HTTP
import Ledger
import Scheduling
import ScriptedGitLab

@testable import Orchestrator

/// The connection between the simulation and the loops of its processes.
typealias Wire = ScriptedGitLab.Wire<Message>

/// One life of a process in virtual time: the real loop with the real ledger, from its start to its end or a crash. It
/// steps only when the simulation says so.
final class Life {
    enum State: Equatable { case running, killed, ended(Int32) }

    /// What the loop has asked for since the last step.
    final class Wishes {
        var errands: [Errand] = []
        var wake: Instant?
        var notices: [Notice] = []
    }

    let number: Int
    /// Its CI job; nil outside CI.
    let instance: Int64?
    let ledgerPath: String
    let machine: Machine
    let exchange: Exchange
    var state = State.running
    /// Another scheduler of the same jobs, with a ledger of its own.
    var isRival = false
    /// The simulation kills it at the end of the present step.
    var isDying = false
    /// Whether its last requests may still leave: it began them before its death.
    var hasLastRequests = false
    var inbox: [Message] = [.event(.woke)]
    /// It does not step before this instant, because its machine sleeps or is too busy.
    var hangsUntil = Instant.distantPast
    /// Whether its ledger was empty, because it was new or lost.
    let isBlank: Bool
    /// Its clock at its start, and when it began to schedule; `distantFuture`: it has not.
    let bornAt: Instant
    var beganAt = Instant.distantFuture
    /// When it sent the last request whose answer proved that it is the newest instance, and the start of each
    /// successor that an answer showed running.
    var provedAt = Instant.distantPast
    var successors: [Int64: Instant] = [:]
    /// The start of the present minute, and the requests since then.
    var minute = (since: Instant.distantPast, requests: 0)
    /// The number of its present alarm. An older alarm has another number.
    var alarm = 0

    let wishes = Wishes()
    private var loop: Loop
    private let ledger: Ledger
    private var watch: CommitWatch?

    init(
        number: Int, scenario: Scenario, ledgerPath: String, instance: Int64?, machine: Machine, wire: Wire
    ) throws {
        self.number = number
        self.instance = instance
        self.ledgerPath = ledgerPath
        self.machine = machine
        machine.jump(by: .zero)
        bornAt = machine.clock
        var settings = scenario.settings
        settings.instance = instance
        let client = GitLabClient { request async throws(TransportFailure) in
            try await wire.send(request, from: number)
        }
        exchange = Exchange(
            client: client,
            deliver: { parcel in
                do throws(TransportFailure) {
                    return Receivers.delivery(
                        .success(try await wire.send(Receivers.request(parcel), from: number)))
                } catch {
                    return Receivers.delivery(.failure(error))
                }
            }, project: settings.project, uptime: { machine.reading.uptime })
        let name = instance.map(String.init) ?? ""
        let access = Ledger.Access.scheduling(
            instance: name, since: machine.clock, project: settings.project)
        ledger = try Ledger.replacingDamaged(path: ledgerPath, access: access).ledger
        isBlank = try ledger.load().covered.isEmpty
        let wishes = wishes
        let surroundings = Surroundings(
            clock: { machine.reading }, start: { wishes.errands.append($0) },
            arm: { wake, _ in wishes.wake = wake },
            log: { notice, _ in wishes.notices.append(notice) }, isIdle: { true }, readJobs: { nil })
        loop = try Loop(ledger: ledger, settings: settings, jobs: scenario.jobs, surroundings: surroundings)
    }

    /// Calls `before` and `after` around each of its commits.
    func watchCommits(before: @escaping () -> CommitWatch.Verdict, after: @escaping () -> Void) {
        watch = CommitWatch(ledger, before: before, after: after)
    }

    func step() -> Ending? {
        defer { inbox.removeAll(keepingCapacity: true) }
        return loop.step(inbox)
    }

    func takeErrands() -> [Errand] {
        defer { wishes.errands.removeAll(keepingCapacity: true) }
        return wishes.errands
    }

    func takeNotices() -> [Notice] {
        defer { wishes.notices.removeAll(keepingCapacity: true) }
        return wishes.notices
    }

    /// Ends in order, so that the file is complete without a log.
    func close(after ending: Ending? = nil) throws {
        watch?.detach(from: ledger)
        try ledger.close(at: ending?.ledgerIsWhole == true ? machine.clock : nil)
    }

    /// Dies as by `kill -9`: the file and its log stay as they are now.
    func kill() throws {
        watch?.detach(from: ledger)
        let remains = try LedgerFiles(at: ledgerPath)
        // The kernel would close the file and drop the lock. Here only `close` does, and it also removes the log.
        try? ledger.close()
        try remains.write(to: ledgerPath)
    }
}
