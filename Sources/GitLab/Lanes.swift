import AsyncHTTPClient
import NIOCore
import Synchronization

/// HTTP clients side by side, each on one event loop of its own.
///
/// One loop per client gives its events an order (see `HTTPTransport`); several clients use several cores
/// all the same. The least busy one is taken, the first if they are equally busy, so that a few requests
/// share their connections and many are spread.
final class Lanes: Sendable {
    /// Fewer connections than this are not worth another lane.
    private static let connectionsPerLane = 16

    private let clients: [HTTPClient]
    /// Requests under way in each lane.
    private let busy: Mutex<[Int]>

    /// `connections`: how many there may be in all lanes together, rounded up to a multiple of their number.
    init(connections: Int, _ configuration: HTTPClient.Configuration) {
        let connections = min(max(connections, 1), 10_000)
        let wanted = max(1, connections / Self.connectionsPerLane)
        let loops = Array(HTTPClient.defaultEventLoopGroup.makeIterator().prefix(wanted))
        var configuration = configuration
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit =
            (connections + loops.count - 1) / max(1, loops.count)
        clients = loops.map { HTTPClient(eventLoopGroup: $0, configuration: configuration) }
        busy = Mutex(Array(repeating: 0, count: clients.count))
    }

    deinit {
        // async-http-client traps in debug builds when it is let go without this.
        for client in clients { client.shutdown { _ in } }
    }

    func shutdown() async {
        for client in clients { try? await client.shutdown() }
    }

    /// Runs a request in the least busy lane.
    func run(
        _ request: HTTPClient.Request, _ exchange: Exchange, deadline: NIODeadline
    ) async throws -> HTTPResponse {
        let lane = busy.withLock { busy in
            let lane = busy.indices.min { busy[$0] < busy[$1] } ?? 0
            busy[lane] += 1
            return lane
        }
        defer { busy.withLock { $0[lane] -= 1 } }
        let task = clients[lane].execute(request: request, delegate: exchange, deadline: deadline)
        return try await withTaskCancellationHandler {
            try await task.futureResult.get()
        } onCancel: {
            task.cancel()
        }
    }
}
