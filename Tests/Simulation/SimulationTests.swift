import Testing

/// Whole scenarios in virtual time: the real scheduler, the real loop, the real ledger and a simulated GitLab.
///
/// One seed decides everything. `SEED=7 make test-quick` replays that seed alone, and `TRACE=1` prints what happens in
/// it. `make soak SEEDS=1000` runs this number of seeds.
@Suite(.timeLimit(.minutes(600)))
struct SimulationTests {
    @Test func everyFireTimeIsAccountedForWhateverGoesWrong() async throws {
        guard Simulations.crash == nil else { return }
        let tally = try await Simulations.live(Simulations.chosen.map { Simulations.Run(seed: $0) })
        print("simulation: \(tally)")
    }

    /// Not a sample: every point of these scenarios at which a process touches its ledger or the network.
    @Test func aCrashAtAnyPointIsSurvived() async throws {
        let (seeds, stride) = Simulations.crashed
        var crashed = Tally()
        for seed in seeds {
            let whole = try await Simulations.live([Simulations.Run(seed: seed, kind: .short)])
            let points =
                Simulations.crash.map { [$0] }
                ?? Array(Swift.stride(from: 1, through: whole.sum.touches, by: stride))
            let runs = points.map { Simulations.Run(seed: seed, kind: .short, crash: $0) }
            crashed.add(try await Simulations.live(runs))
        }
        print("crash points: \(crashed)")
    }

    /// The skips of long outages share rows, and all invariants still hold.
    @Test func longOutagesTakeFewRows() async throws {
        guard Simulations.crash == nil else { return }
        let tally = try await Simulations.live(
            Simulations.chosen.prefix(50).map { Simulations.Run(seed: $0, kind: .long) })
        #expect(tally.sum.sharedSkips > tally.sum.sharedRows * 10)
        print(
            "long outages: \(tally), \(tally.sum.sharedSkips) skips in \(tally.sum.sharedRows) rows, "
                + "\(tally.sum.correctedSkips) corrected")
    }

    /// Nothing goes wrong here. Instances only follow one another.
    @Test func aHandoverIsLateBySecondsAtMost() async throws {
        guard Simulations.crash == nil else { return }
        let tally = try await Simulations.live(
            Simulations.chosen.prefix(200).map { Simulations.Run(seed: $0, kind: .calm) })
        let lateness = tally.sum.lateness.sorted()
        let most = lateness.last ?? .zero
        #expect(most < .seconds(55))
        print("handovers: \(tally.sum.handovers), \(lateness.count) runs around them at most \(most) late")
    }

    /// The same seed with channels and without: every pipeline is created at the same microsecond.
    @Test func channelsDelayNothing() async throws {
        guard Simulations.crash == nil else { return }
        for seed in Simulations.chosen.prefix(Simulations.chosen.count > 100 ? 20 : 2) {
            let alone = try await Simulations.live([.init(seed: seed, kind: .told(hasChannels: false))])
            let told = try await Simulations.live([.init(seed: seed, kind: .told(hasChannels: true))])
            let pair = zip(alone.sum.lateness, told.sum.lateness).first { $0 != $1 }
            #expect(pair == nil, "SEED=\(seed)")
            #expect(alone.sum.lateness.count == told.sum.lateness.count, "SEED=\(seed)")
            #expect(told.sum.messages > 0 && alone.sum.messages == 0, "SEED=\(seed)")
        }
    }

    /// The figures in docs/operations.md are from here.
    @Test(arguments: [Scenario.Kind.Handover.overlap, .serial])
    func aDayHasAHandoverEveryTwoHours(_ handover: Scenario.Kind.Handover) async throws {
        guard Simulations.crash == nil else { return }
        let seeds = Simulations.chosen.prefix(min(20, max(1, Simulations.chosen.count / 16)))
        let tally = try await Simulations.live(
            seeds.map { Simulations.Run(seed: $0, kind: .day(handover)) })
        let lateness = tally.sum.lateness.sorted()
        #expect(tally.sum.handovers == tally.worlds * 11)
        let late = lateness.filter { $0 >= .seconds(2) }
        let share = Double(late.count) / Double(max(lateness.count, 1)) * 100
        print(
            "days with \(handover): \(tally.worlds), \(tally.sum.handovers) handovers, \(lateness.count) runs, "
                + "\(share.rounded())% late by 2 s or more, half of them by \(late.isEmpty ? .zero : late[late.count / 2]), "
                + "the last by \(lateness.last ?? .zero)")
    }
}
