import NIOCore
import NIOEmbedded
import Testing

@testable import HTTP

@Suite struct ClientLoopTests {
    @Test("The loop that was left is the next one to be taken")
    func leastBusy() async throws {
        let base = try BaseURL("http://127.0.0.1:9", place: "the test", example: "http://h")
        let transport = try HTTPTransport(.init(base: base, peer: "nobody"))
        let first = transport.takeLoop()
        let second = transport.takeLoop()
        // There is one loop for each core.
        #expect(second !== first || System.coreCount == 1)
        second.leave()
        #expect(transport.takeLoop() === second)
        first.leave()
        first.leave()
        #expect(transport.takeLoop() === first)
        await transport.shutdown()
    }

    @Test("Head and body leave together, and nothing stays behind")
    func oneFlush() throws {
        let channel = EmbeddedChannel()
        let counter = Flushes()
        try channel.pipeline.syncOperations.addHandlers([counter, FlushOnce()])
        for text in ["head", "body"] { channel.writeAndFlush(ByteBuffer(string: text), promise: nil) }
        #expect(counter.count == 0)
        channel.embeddedEventLoop.run()
        #expect(counter.count == 1)
        #expect(try channel.readOutbound(as: ByteBuffer.self) == ByteBuffer(string: "head"))
        #expect(try channel.readOutbound(as: ByteBuffer.self) == ByteBuffer(string: "body"))
        channel.writeAndFlush(ByteBuffer(string: "next"), promise: nil)
        channel.embeddedEventLoop.run()
        #expect(counter.count == 2)
        #expect(try channel.readOutbound(as: ByteBuffer.self) == ByteBuffer(string: "next"))
    }

    /// Counts the flushes between the handler and the socket.
    private final class Flushes: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer

        private(set) var count = 0

        func flush(context: ChannelHandlerContext) {
            count += 1
            context.flush()
        }
    }
}
