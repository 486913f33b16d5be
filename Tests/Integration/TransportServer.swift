import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A server on loopback that treats each request as the test says, and counts what arrives.
final class TransportServer: Sendable {
    /// What the server does when it has read a complete request.
    enum Reaction: Sendable {
        /// Sends these bytes. The connection stays open.
        case answer(String)
        /// Sends these bytes, then closes the connection without announcing it.
        case answerAndClose(String)
        case close
        case silence
        /// Sends these bytes, then one byte every ten milliseconds, forever.
        case trickle(String)
    }

    private struct State {
        var reactions: [Reaction]
        var requests: [String] = []
        var connections = 0
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state: Mutex<State>
    private let channel: Mutex<(any Channel)?> = Mutex(nil)

    /// The server repeats the last reaction. It sends `greeting` before it has read anything.
    init(_ reactions: [Reaction], greeting: String = "", tls: NIOSSLContext? = nil) async throws {
        state = Mutex(State(reactions: reactions))
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { child in
                child.eventLoop.makeCompletedFuture {
                    if let tls {
                        try child.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
                    }
                    try child.pipeline.syncOperations.addHandler(Connection(server: self, greeting: greeting))
                }
            }
        let bound = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
        channel.withLock { $0 = bound }
    }

    var port: Int { channel.withLock { $0?.localAddress?.port } ?? 0 }

    var base: String { "http://127.0.0.1:\(port)/api/v4" }

    /// The requests that arrived completely, as text.
    var requests: [String] { state.withLock { $0.requests } }

    var connections: Int { state.withLock { $0.connections } }

    func stop() async {
        let bound = channel.withLock { $0 }
        try? await bound?.close().get()
    }

    /// Waits until this many requests have arrived.
    func arrivals(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                guard state.requests.count < count else { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    fileprivate func connected() { state.withLock { $0.connections += 1 } }

    fileprivate func arrived(_ request: String) -> Reaction {
        let (reaction, ready) = state.withLock { state in
            state.requests.append(request)
            let ready = state.waiters.filter { $0.count <= state.requests.count }
            state.waiters.removeAll { $0.count <= state.requests.count }
            let reaction = state.reactions.count > 1 ? state.reactions.removeFirst() : state.reactions.first
            return (reaction ?? .silence, ready)
        }
        for waiter in ready { waiter.continuation.resume() }
        return reaction
    }
}

/// One connection: collects a request and reacts to it.
private final class Connection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let server: TransportServer
    private let greeting: String
    private var bytes: [UInt8] = []

    init(server: TransportServer, greeting: String) {
        self.server = server
        self.greeting = greeting
    }

    func channelActive(context: ChannelHandlerContext) {
        server.connected()
        if !greeting.isEmpty { write(greeting, context) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes += unwrapInboundIn(data).readableBytesView
        while let request = takeRequest() {
            react(server.arrived(request), context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func takeRequest() -> String? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).lowercased()
        let length = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst(15).filter(\.isNumber)) }
        let total = end.upperBound + (length ?? 0)
        guard bytes.count >= total else { return nil }
        defer { bytes.removeFirst(total) }
        return String(decoding: bytes[..<total], as: UTF8.self)
    }

    private func react(_ reaction: TransportServer.Reaction, _ context: ChannelHandlerContext) {
        switch reaction {
        case .silence: break
        case .close: context.close(promise: nil)
        case .answer(let text): write(text, context)
        case .answerAndClose(let text):
            write(text, context)
            context.close(promise: nil)
        case .trickle(let text):
            write(text, context)
            let channel = context.channel
            let drip = context.eventLoop.scheduleRepeatedTask(
                initialDelay: .milliseconds(10), delay: .milliseconds(10)
            ) { _ in
                channel.writeAndFlush(ByteBuffer(string: " "), promise: nil)
            }
            channel.closeFuture.whenComplete { _ in drip.cancel() }
        }
    }

    private func write(_ text: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
}

/// An answer with this body and its length.
func httpAnswer(_ status: String, _ body: String = "", headers: String = "") -> String {
    "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"
}
