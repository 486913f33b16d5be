import NIOCore
import NIOHTTP1

/// Refuses an answer whose status is below 100, which HTTP does not know.
///
/// async-http-client takes each status below 200, except 101, for an interim answer that has only a head. For an answer
/// with status 000 to 099, the decoder also passes on the end, and then async-http-client ends the process.
final class StatusCheck: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias InboundOut = HTTPClientResponsePart

    /// The error closes the connection. The handler drops bytes that still come from it.
    private var hasRefused = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasRefused else { return }
        if case .head(let head) = unwrapInboundIn(data), head.status.code < 100 {
            hasRefused = true
            context.fireErrorCaught(HTTPParserError.invalidStatus)
            return
        }
        context.fireChannelRead(data)
    }
}
