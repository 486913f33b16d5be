import CivilTime

@testable import Scheduling

extension World {
    /// A world at 13:00 in which GitLab has just created pipeline 17 of `a@13:00`.
    static func triggered(_ change: @escaping (inout Job) -> Void = { _ in }) throws -> World {
        var world = World([try .named("a", "0 13 2 3 *", in: .utc, change)])
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .success(.number(17))))
        _ = world.take()
        return world
    }

    /// The list shows the progress of pipeline 17.
    mutating func see(_ progress: Progress) {
        tell(.listed(project: "7", .success(Listing(sightings: [.of(17, progress)], serverTime: nil))))
    }
}
