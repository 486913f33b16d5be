import CivilTime
import TestSupport

@testable import Scheduling

/// A world with channels, and a job `a` whose runs end as the test says, one a minute.
struct TellingWorld {
    enum End: CaseIterable { case good, failed, refused, canceled }

    var world: World
    private var number: Int64 = 100

    static let channels: [String: ChannelTraits] = [
        "ops": ChannelTraits(isChat: false, isSwitch: false),
        "pager": ChannelTraits(isChat: false, isSwitch: false),
        "chat": ChannelTraits(isChat: true, isSwitch: false),
        "hc": ChannelTraits(isChat: false, isSwitch: true),
    ]

    static func listen(_ settings: inout Settings) {
        settings.notify = NotifySettings(channels: channels, standard: ["ops"])
    }

    init(_ change: (inout Job) -> Void = { _ in }) throws {
        let job = try Job.named("a", "* * * * *") {
            $0.overlap = .allow
            change(&$0)
        }
        world = World([job], change: Self.listen)
        world.looks = .going
    }

    /// Lets the next fire time come, and its run end.
    mutating func fire(_ end: End) {
        world.pass(.seconds(60))
        guard let run = world.orders.last?.run else { return }
        number += 1
        guard end != .refused else { return world.tell(.posted(run, .failure(.refused("no job matches")))) }
        world.tell(.posted(run, .success(.number(number))))
        let progress: Progress =
            switch end {
            case .good: .succeeded
            case .canceled: .canceled
            default: .failed
            }
        show(progress)
        if end == .failed {
            world.pass(.seconds(5))
            world.showFailedJob(of: run)
        }
    }

    mutating func show(_ progress: Progress) {
        world.tell(
            .listed(
                project: "7",
                .success(Listing(sightings: [.of(number, progress)], serverTime: nil))))
    }

    /// Every message so far: `failed a@12:01`.
    var told: [String] {
        world.messages.map { Parcel(channel: "", messages: [$0]).line.dropFirst(2).description }
    }
}
