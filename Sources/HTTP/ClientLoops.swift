import AsyncHTTPClient
import NIOCore
import Synchronization

/// An event loop with an HTTP client of its own. A task that runs here builds its requests and reads its answers on the
/// thread that sends and receives them, and wakes no other thread.
public final class ClientLoop: TaskExecutor {
    fileprivate let client: HTTPClient
    private let eventLoop: any EventLoop
    /// How many tasks and requests have not ended.
    fileprivate let busy = Atomic(0)

    fileprivate init(_ eventLoop: any EventLoop, _ configuration: HTTPClient.Configuration) {
        self.eventLoop = eventLoop
        client = HTTPClient(eventLoopGroup: eventLoop, configuration: configuration)
    }

    deinit {
        // Without this, async-http-client traps in debug builds when it is released.
        client.shutdown { _ in }
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    /// Call it when the task that took the loop has ended.
    public func leave() { busy.subtract(1, ordering: .relaxed) }

    fileprivate var isHere: Bool { eventLoop.inEventLoop }

    fileprivate func enter() -> ClientLoop {
        busy.add(1, ordering: .relaxed)
        return self
    }
}

/// HTTP clients side by side, each on an event loop of its own.
///
/// One loop per client puts the client's events in order (see `HTTPTransport`), and several clients still use several
/// cores. `take` chooses the least busy loop, and the first one among equals. So a few requests share their
/// connections, and many are spread.
final class ClientLoops: Sendable {
    /// With fewer connections per loop than this, another loop is not worth its cost.
    private static let connectionsPerLoop = 16

    private let first: ClientLoop
    private let others: [ClientLoop]

    /// `connections` is the limit for all loops together, rounded up to a multiple of the number of loops.
    init(connections: Int, _ configuration: HTTPClient.Configuration) {
        let connections = min(max(connections, 1), 10_000)
        let wanted = max(1, connections / Self.connectionsPerLoop)
        let group = HTTPClient.defaultEventLoopGroup
        let loops = Array(group.makeIterator().prefix(wanted))
        var configuration = configuration
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit =
            (connections + loops.count - 1) / max(1, loops.count)
        first = ClientLoop(loops.first ?? group.any(), configuration)
        others = loops.dropFirst().map { [configuration] in ClientLoop($0, configuration) }
    }

    func shutdown() async {
        for loop in [first] + others { try? await loop.client.shutdown() }
    }

    /// Takes the least busy loop. The caller leaves it later.
    func take() -> ClientLoop {
        var least = (loop: first, busy: first.busy.load(ordering: .relaxed))
        for loop in others {
            let busy = loop.busy.load(ordering: .relaxed)
            if busy < least.busy { least = (loop, busy) }
        }
        return least.loop.enter()
    }

    /// Runs a request on the loop of this thread, or else on the least busy one.
    func run(
        _ request: HTTPClient.Request, _ collector: ResponseCollector, deadline: NIODeadline
    ) async throws -> HTTPResponse {
        let loop = here?.enter() ?? take()
        defer { loop.leave() }
        let task = loop.client.execute(request: request, delegate: collector, deadline: deadline)
        return try await withTaskCancellationHandler {
            try await task.futureResult.get()
        } onCancel: {
            task.cancel()
        }
    }

    private var here: ClientLoop? { first.isHere ? first : others.first { $0.isHere } }
}
