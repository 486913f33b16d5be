import Cron
import GitLab
import Ledger
import Scheduling

@testable import Orchestrator

/// One life of the process in virtual time: the real loop on the real ledger, from its start to its end or
/// to a crash between two steps.
struct Life {
    /// What the loop asked for since the last step.
    private final class Wishes {
        var effects: [Effect] = []
        var wake: Instant?
        var notices: [Notice] = []
    }

    private let gitlab: VirtualGitLab
    private let exchange: Exchange
    private let wishes = Wishes()
    private var loop: Loop
    private let ledger: Ledger
    /// Answers on their way, and when they arrive.
    private var pending: [(at: Instant, event: Event)] = []

    var notices: [Notice] { wishes.notices }

    init(jobs: [Job], settings: Settings, ledgerPath: String, gitlab: VirtualGitLab) throws {
        self.gitlab = gitlab
        exchange = Exchange(
            client: GitLabClient(send: gitlab.send), project: settings.project, clock: { gitlab.now })
        ledger = try Ledger(path: ledgerPath, access: .scheduling(instance: "", since: gitlab.now))
        let wishes = wishes
        let world = Loop.World(
            clock: { gitlab.now }, start: { wishes.effects.append($0) },
            arm: { wake, _ in wishes.wake = wake },
            log: { notice, _ in wishes.notices.append(notice) }, isIdle: { true }, readJobs: { nil })
        loop = try Loop(ledger: ledger, settings: settings, jobs: jobs, world: world)
    }

    /// Lives until `end`, until the process ends by itself, or until `crashes` says so. The clock is moved
    /// from event to event.
    mutating func live(
        until end: Instant, random: inout SplitMix, crashes: (inout SplitMix) -> Bool
    ) async throws -> Ending? {
        var messages = [Message.event(.woke)]
        while gitlab.now < end {
            if let ending = loop.step(messages) {
                try ledger.close()
                return ending
            }
            await perform(random: &random)
            if crashes(&random) { return nil }
            messages = advance(to: end, random: &random)
        }
        return nil
    }

    /// Carries out the effects at this instant; their answers come later, in any order.
    private mutating func perform(random: inout SplitMix) async {
        let effects = wishes.effects
        wishes.effects.removeAll()
        for effect in effects {
            guard let event = await exchange.answer(effect) else { continue }
            let latency = Duration.milliseconds(Int64.random(in: 5...900, using: &random))
            pending.append((gitlab.now.advanced(by: latency), event))
        }
        pending.sort { $0.at < $1.at }
    }

    private mutating func advance(to end: Instant, random: inout SplitMix) -> [Message] {
        let late = Duration.milliseconds(Int64.random(in: 0...40, using: &random))
        let wake = min(wishes.wake ?? end, end).advanced(by: late)
        gitlab.now = max(gitlab.now, min(wake, pending.first?.at ?? wake))
        let arrived = pending.prefix { $0.at <= gitlab.now }
        pending.removeFirst(arrived.count)
        let answers = arrived.map { Message.event($0.event) }
        return wake <= gitlab.now ? answers + [.event(.woke)] : answers
    }
}

/// A generator whose whole state is its seed, so that a seed replays.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func chance(_ one: Int, in many: Int) -> Bool { Int.random(in: 0..<many, using: &self) < one }
}
