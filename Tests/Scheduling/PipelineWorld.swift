import CivilTime

@testable import Scheduling

extension World {
    /// A world at 13:00 in which pipeline 17 of `a@13:00` has just been created.
    static func triggered(_ change: @escaping (inout Job) -> Void = { _ in }) throws -> World {
        var world = World([try .named("a", "0 13 2 3 *", in: .utc, change)])
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .success(.number(17))))
        _ = world.take()
        return world
    }

    /// The list shows how far pipeline 17 is.
    mutating func see(_ progress: Progress) {
        tell(.listed(project: "7", .success(Listing(sightings: [.of(17, progress)], serverTime: nil))))
    }
}
