import NIOCore
import NIOPosix
import Synchronization

/// A receiver on loopback that treats each request as the test says, and keeps what arrives.
final class Receiver: Sendable {
    enum Reaction: Sendable {
        /// Sends these bytes. The connection stays open.
        case answer(String)
        /// Sends these bytes, then closes the connection.
        case answerAndClose(String)
        case silence
    }

    private struct State {
        var reactions: [Reaction]
        var requests: [String] = []
    }

    private let state: Mutex<State>
    private let channel: Mutex<(any Channel)?> = Mutex(nil)

    /// The receiver repeats the last reaction. It sends `greeting` before it has read anything.
    init(_ reactions: Reaction..., greeting: String = "") async throws {
        state = Mutex(State(reactions: reactions))
        let bound = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { child in
                child.eventLoop.makeCompletedFuture {
                    try child.pipeline.syncOperations.addHandler(Connection(self, greeting: greeting))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        channel.withLock { $0 = bound }
    }

    var port: Int { channel.withLock { $0?.localAddress?.port } ?? 0 }

    /// The complete requests, as text.
    var requests: [String] { state.withLock { $0.requests } }

    func stop() async {
        try? await channel.withLock(\.self)?.close().get()
    }

    fileprivate func arrived(_ request: String) -> Reaction {
        state.withLock { state in
            state.requests.append(request)
            let isLast = state.reactions.count < 2
            return (isLast ? state.reactions.first : state.reactions.removeFirst()) ?? .silence
        }
    }
}

/// Collects a request and reacts to it.
private final class Connection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let receiver: Receiver
    private let greeting: String
    private var bytes: [UInt8] = []

    init(_ receiver: Receiver, greeting: String) {
        self.receiver = receiver
        self.greeting = greeting
    }

    func channelActive(context: ChannelHandlerContext) {
        if !greeting.isEmpty { write(greeting, context) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes += unwrapInboundIn(data).readableBytesView
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).lowercased()
        let length = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst(15).filter(\.isNumber)) }
        let total = end.upperBound + (length ?? 0)
        guard bytes.count >= total else { return }
        let request = String(decoding: bytes[..<total], as: UTF8.self)
        bytes.removeFirst(total)
        switch receiver.arrived(request) {
        case .silence: break
        case .answer(let text): write(text, context)
        case .answerAndClose(let text):
            write(text, context)
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func write(_ text: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
}

/// An answer with this body and its length.
func httpAnswer(_ status: String, _ body: String = "", headers: String = "") -> String {
    "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"
}
