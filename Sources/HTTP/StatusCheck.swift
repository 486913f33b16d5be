import NIOCore
import NIOHTTP1

/// Refuses an answer whose status is below 100, which HTTP does not know.
///
/// async-http-client takes each status below 200, except 101, for an interim answer that has only a head. The decoder
/// gives it the end of an answer with status 000 to 099 as well, and then async-http-client ends the process.
final class StatusCheck: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias InboundOut = HTTPClientResponsePart

    /// The error closes the connection. Bytes that still come from it are dropped.
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
