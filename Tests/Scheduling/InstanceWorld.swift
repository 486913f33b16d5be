import CivilTime
import Testing

@testable import Scheduling

extension World {
    /// Instance 50 of a CI job, created at noon. It has asked for its own CI job.
    static func started(
        _ jobs: [Job], instances: [Instance]? = nil, at now: String = "12:00",
        covered: [String: Instant]? = nil,
        open: [Run] = [], change: (inout Settings) -> Void = { _ in }
    ) -> World {
        var world = World(jobs, at: now, covered: covered, open: open, instances: instances) {
            $0.instance = 50
            change(&$0)
        }
        world.tell(.identified(.success(.number(50))))
        return world
    }
}
