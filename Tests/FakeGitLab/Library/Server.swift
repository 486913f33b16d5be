import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// The model behind an HTTP server on loopback, with the real clock.
public final class FakeGitLabServer: Sendable {
    /// The server cannot listen at the given address.
    public struct CannotListen: Error, CustomStringConvertible {
        public let host: String
        public let port: Int
        public let reason: String

        public var description: String { "cannot listen at \(host):\(port): \(reason)" }
    }

    private struct State {
        var model: FakeGitLab
        var channel: (any Channel)?
        var wake: Scheduled<Void>?
    }

    private let state: Mutex<State>
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let watch: (@Sendable (FakeNotice) -> Void)?

    /// - Parameter watch: gets a line for each pipeline that is created, finished or retried.
    public init(_ model: FakeGitLab = FakeGitLab(), watch: (@Sendable (FakeNotice) -> Void)? = nil) {
        var model = model
        model.settings.keepsNotices = watch != nil
        state = Mutex(State(model: model))
        self.watch = watch
    }

    /// Starts to listen and returns the port. Port 0 takes a free one. From here on the `web_url` of every answer
    /// starts with this address, because clients compare it with the address that they use.
    @discardableResult
    public func start(host: String = "127.0.0.1", port: Int = 0) async throws -> Int {
        let address = host == "localhost" ? "127.0.0.1" : host
        guard let socket = try? SocketAddress(ipAddress: address, port: port), socket.isLoopback else {
            let reason = "it listens on loopback only; use 127.0.0.1, ::1 or localhost"
            throw CannotListen(host: host, port: port, reason: reason)
        }
        let channel = try await listen(at: socket, host, port)
        let bound = channel.localAddress?.port ?? port
        state.withLock { state in
            state.channel = channel
            state.model.settings.webURL = "http://\(address == "::1" ? "[::1]" : address):\(bound)"
        }
        return bound
    }

    private func listen(at address: SocketAddress, _ host: String, _ port: Int) async throws -> any Channel {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1_024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Connection(server: self))
                }
            }
        do {
            return try await bootstrap.bind(to: address).get()
        } catch {
            throw CannotListen(
                host: host, port: port, reason: "\(error); use another port, or 0 for a free one")
        }
    }

    /// Stops listening and cuts every connection.
    public func stop() async throws {
        let channel = state.withLock { state in
            state.wake?.cancel()
            return state.channel.take()
        }
        try await channel?.close().get()
        try await group.shutdownGracefully()
    }

    /// Reads or changes the model between two requests. The model stands at the present time.
    public func withModel<Result: Sendable>(_ body: (inout FakeGitLab) throws -> Result) rethrows -> Result {
        let result = try state.withLock { state in
            state.model.advance(to: Self.now)
            return try body(&state.model)
        }
        tell()
        return result
    }

    func respond(to request: FakeRequest) -> FakeOutcome {
        let outcome = state.withLock { state in
            if let answer = state.model.steer(request, at: Self.now)
                ?? state.model.page(for: request, at: Self.now)
            {
                return FakeOutcome.answer(answer, after: 0)
            }
            return state.model.respond(to: request, at: Self.now)
        }
        tell()
        return outcome
    }

    /// Passes the notices on, and wakes again for the next planned change. Without a watcher, nothing needs to happen
    /// before a request comes.
    private func tell() {
        guard let watch else { return }
        let notices = state.withLock { state in
            state.wake?.cancel()
            state.wake = state.model.nextChangeAt.map { time in
                group.next().scheduleTask(in: Self.pause(until: time)) { [weak self] in
                    self?.withModel { _ in }
                    return
                }
            }
            return state.model.takeNotices()
        }
        for notice in notices { watch(notice) }
    }

    /// At most an hour, because a far later time would be too large for the event loop.
    private static func pause(until time: Int64) -> TimeAmount {
        .microseconds(min(max(0, time - now), 3_600 * Timestamp.second))
    }

    /// Microseconds since 1970.
    public static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1e6) }
}

extension SocketAddress {
    /// Whether only this machine can reach the address.
    fileprivate var isLoopback: Bool {
        ipAddress.map { $0 == "::1" || $0.hasPrefix("127.") } ?? false
    }
}
