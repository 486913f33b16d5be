import AsyncHTTPClient
import NIOCore
import Synchronization

/// An event loop with an HTTP client of its own. A task that runs here builds its requests and reads its answers where
/// they are sent and received, and wakes no other thread for them.
public final class Lane: TaskExecutor {
    fileprivate let client: HTTPClient
    private let eventLoop: any EventLoop
    /// Tasks and requests that are not over.
    fileprivate let busy = Atomic(0)

    fileprivate init(_ eventLoop: any EventLoop, _ configuration: HTTPClient.Configuration) {
        self.eventLoop = eventLoop
        client = HTTPClient(eventLoopGroup: eventLoop, configuration: configuration)
    }

    deinit {
        // async-http-client traps in debug builds when it is let go without this.
        client.shutdown { _ in }
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    /// A task for which the lane was taken is over.
    public func leave() { busy.subtract(1, ordering: .relaxed) }

    fileprivate var isHere: Bool { eventLoop.inEventLoop }

    fileprivate func enter() -> Lane {
        busy.add(1, ordering: .relaxed)
        return self
    }
}

/// HTTP clients side by side, each on one event loop of its own.
///
/// One loop per client gives its events an order (see `HTTPTransport`); several clients use several cores
/// all the same. The least busy one is taken, the first if they are equally busy, so that a few requests
/// share their connections and many are spread.
final class Lanes: Sendable {
    /// Fewer connections than this are not worth another lane.
    private static let connectionsPerLane = 16

    private let first: Lane
    private let others: [Lane]

    /// `connections`: how many there may be in all lanes together, rounded up to a multiple of their number.
    init(connections: Int, _ configuration: HTTPClient.Configuration) {
        let connections = min(max(connections, 1), 10_000)
        let wanted = max(1, connections / Self.connectionsPerLane)
        let group = HTTPClient.defaultEventLoopGroup
        let loops = Array(group.makeIterator().prefix(wanted))
        var configuration = configuration
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit =
            (connections + loops.count - 1) / max(1, loops.count)
        first = Lane(loops.first ?? group.any(), configuration)
        others = loops.dropFirst().map { [configuration] in Lane($0, configuration) }
    }

    func shutdown() async {
        for lane in [first] + others { try? await lane.client.shutdown() }
    }

    /// Takes the least busy lane, to be left again.
    func take() -> Lane {
        var least = (lane: first, busy: first.busy.load(ordering: .relaxed))
        for lane in others {
            let busy = lane.busy.load(ordering: .relaxed)
            if busy < least.busy { least = (lane, busy) }
        }
        return least.lane.enter()
    }

    /// Runs a request in the lane of this thread, or else in the least busy one.
    func run(
        _ request: HTTPClient.Request, _ exchange: Exchange, deadline: NIODeadline
    ) async throws -> HTTPResponse {
        let lane = here?.enter() ?? take()
        defer { lane.leave() }
        let task = lane.client.execute(request: request, delegate: exchange, deadline: deadline)
        return try await withTaskCancellationHandler {
            try await task.futureResult.get()
        } onCancel: {
            task.cancel()
        }
    }

    private var here: Lane? { first.isHere ? first : others.first { $0.isHere } }
}
