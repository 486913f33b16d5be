import NIOCore
import NIOHTTP1

/// One connection. It collects each request, asks the server, and writes the answer. NIO's pipelining handler passes
/// the next request on only when this one is answered.
final class Connection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private static let largestBody = 16 * 1_024 * 1_024

    private let server: FakeGitLabServer
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(server: FakeGitLabServer) { self.server = server }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let part):
            body.append(contentsOf: part.readableBytesView)
            if body.count > Self.largestBody { context.close(promise: nil) }
        case .end:
            guard let head = self.head.take() else { return }
            finish(server.respond(to: request(head)), head, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func request(_ head: HTTPRequestHead) -> FakeRequest {
        FakeRequest(
            method: head.method.rawValue, target: head.uri, headers: head.headers.map { ($0.name, $0.value) },
            body: body)
    }

    private func finish(_ outcome: FakeOutcome, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        switch outcome {
        case .answer(let answer, let delay):
            after(delay, context) { connection, context in connection.write(answer, head, context) }
        case .cut(let delay):
            after(delay, context) { _, context in context.close(promise: nil) }
        case .hang: break
        }
    }

    /// Does something now, or on this connection's event loop after the delay.
    private func after(
        _ microseconds: Int64, _ context: ChannelHandlerContext,
        _ action: @escaping (Connection, ChannelHandlerContext) -> Void
    ) {
        guard microseconds > 0 else { return action(self, context) }
        context.eventLoop.assumeIsolated().scheduleTask(in: .microseconds(microseconds)) {
            guard context.channel.isActive else { return }
            action(self, context)
        }
    }

    private func write(_ answer: FakeAnswer, _ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        var headers = HTTPHeaders(answer.headers)
        if answer.status != 204 { headers.add(name: "Content-Length", value: String(answer.body.count)) }
        if !request.isKeepAlive { headers.add(name: "Connection", value: "close") }
        let head = HTTPResponseHead(
            version: request.version, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !answer.body.isEmpty {
            context.write(
                wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(bytes: answer.body)))),
                promise: nil)
        }
        let written = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        guard request.isKeepAlive else {
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            written.whenComplete { _ in bound.value.close(promise: nil) }
            return
        }
    }
}
