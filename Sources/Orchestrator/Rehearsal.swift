import CivilTime
import Scheduling
import Synchronization

/// The world of a dry run. It answers every request as if all went well, and sends none.
final class Rehearsal: Sendable {
    private struct State {
        var created: [Pipeline] = []
        var lastID: Int64 = 0
    }

    private let state = Mutex(State())
    private let tell: @Sendable (String) -> Void

    /// `tell` prints what the scheduler would trigger.
    init(tell: @escaping @Sendable (String) -> Void) {
        self.tell = tell
    }

    func answer(_ request: Request) -> Event? {
        switch request {
        case .post(let order):
            tell(Self.line(order))
            return .posted(order.run, .success(create()))
        case .list(let project, _):
            let over = state.withLock { state in
                defer { state.created.removeAll() }
                return state.created.map { Sighting(pipeline: $0, progress: .succeeded) }
            }
            return .listed(project: project, .success(Listing(sightings: over, serverTime: nil)))
        case .search(let project, _, _):
            return .searched(
                project: project, .success(Search(found: [:], isComplete: true, serverTime: nil)))
        case .survey(let project, _, _, _):
            return .surveyed(
                project: project, .success(Search(found: [:], isComplete: true, serverTime: nil)))
        case .look(let id, _, let pipeline):
            let sighting = Sighting(pipeline: Pipeline(id: pipeline, url: ""), progress: .succeeded)
            return .looked(id, .success(sighting))
        case .listJobs(let id, _, _): return .jobsListed(id, .success([]))
        case .retry(let id, _, _): return .retried(id, .success([]))
        case .cancel(let id, _, _): return .canceled(id, .success(()))
        case .name(let id, _, _): return .named(id, .success(()))
        // A dry run trusts the machine's clock.
        case .verify(let project, let ref):
            return .verified(project: project, ref: ref, .success(.clock()))
        case .identify, .startSuccessor, .listFormer, .listInstances, .deliver, .beat: return nil
        }
    }

    private func create() -> Pipeline {
        state.withLock { state in
            state.lastID += 1
            let pipeline = Pipeline(id: state.lastID, url: "")
            state.created.append(pipeline)
            return pipeline
        }
    }

    /// Values may be secrets, so the line shows only names.
    private static func line(_ order: Order) -> String {
        let names = (order.job.variables.map(\.key) + order.job.inputs.map(\.name)).joined(separator: ", ")
        return "\(order.run.fireTime.rfc3339)  \(order.run.job)  would create a pipeline on \(order.ref) of "
            + order.project + (names.isEmpty ? "" : " with \(names)")
    }
}
