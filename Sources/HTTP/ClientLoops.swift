import AsyncHTTPClient
import NIOCore
import Synchronization

/// An event loop with an HTTP client of its own. A task that runs here builds its requests and reads its answers where
/// they are sent and received, and wakes no other thread for them.
public final class ClientLoop: TaskExecutor {
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

    /// A task for which the loop was taken is over.
    public func leave() { busy.subtract(1, ordering: .relaxed) }

    fileprivate var isHere: Bool { eventLoop.inEventLoop }

    fileprivate func enter() -> ClientLoop {
        busy.add(1, ordering: .relaxed)
        return self
    }
}

/// HTTP clients side by side, each on one event loop of its own.
///
/// One loop per client gives its events an order (see `HTTPTransport`); several clients use several cores
/// all the same. The least busy one is taken, the first if they are equally busy, so that a few requests
/// share their connections and many are spread.
final class ClientLoops: Sendable {
    /// Fewer connections than this are not worth another loop.
    private static let connectionsPerLoop = 16

    private let first: ClientLoop
    private let others: [ClientLoop]

    /// `connections`: how many there may be in all loops together, rounded up to a multiple of their number.
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

    /// Takes the least busy loop, to be left again.
    func take() -> ClientLoop {
        var least = (loop: first, busy: first.busy.load(ordering: .relaxed))
        for loop in others {
            let busy = loop.busy.load(ordering: .relaxed)
            if busy < least.busy { least = (loop, busy) }
        }
        return least.loop.enter()
    }

    /// Runs a request on the loop of this thread, or else in the least busy one.
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
