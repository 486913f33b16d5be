import NIOCore

/// Sends the head and the body of a request together. async-http-client flushes each by itself: two system calls, two
/// packets, and two wake-ups of the server.
final class FlushOnce: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private var isDue = false

    func flush(context: ChannelHandlerContext) {
        guard !isDue else { return }
        isDue = true
        context.eventLoop.assumeIsolated().execute {
            self.isDue = false
            context.flush()
        }
    }
}
