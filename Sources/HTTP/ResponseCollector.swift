import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// Collects one answer from the events that async-http-client reports.
///
/// It uses the delegate interface rather than `execute(_:deadline:)`: the deadline then covers the body too, the
/// delegate learns when the head was written, and there are no extra tasks.
final class ResponseCollector: HTTPClientResponseDelegate {
    typealias Response = HTTPResponse

    /// In bytes: enough for the words of an error. The rest of such an answer is read and dropped.
    private static let maximumError = 64 << 10

    /// The answer is larger than allowed.
    struct TooLarge: Error {}

    private struct State {
        var wasWritten = false
        var head: HTTPResponseHead?
        var body = ByteBuffer()
    }

    private let maximumAnswer: Int
    private let state = Mutex(State())

    init(maximumAnswer: Int) {
        self.maximumAnswer = maximumAnswer
    }

    /// Whether the client handed the request's head to the socket, so that the server may get the request.
    ///
    /// async-http-client reports it right after that write and before it writes a body, all on one event loop. While
    /// this is false, no complete request can have left.
    var wasWritten: Bool { state.withLock { $0.wasWritten } }

    func didSendRequestHead(task: HTTPClient.Task<Response>, _ head: HTTPRequestHead) {
        state.withLock { $0.wasWritten = true }
    }

    func didReceiveHead(task: HTTPClient.Task<Response>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        state.withLock { $0.head = head }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Response>, _ part: ByteBuffer) -> EventLoopFuture<Void> {
        let fits = state.withLock { state in
            let isError = (state.head?.status.code ?? 0) >= 300
            let room = (isError ? Self.maximumError : maximumAnswer) - state.body.readableBytes
            guard isError || part.readableBytes <= room else { return false }
            let kept = part.prefix(room)
            if state.body.readableBytes == 0 {
                state.body = kept
            } else {
                state.body.writeImmutableBuffer(kept)
            }
            return true
        }
        return fits
            ? task.eventLoop.makeSucceededVoidFuture() : task.eventLoop.makeFailedFuture(TooLarge())
    }

    func didFinishRequest(task: HTTPClient.Task<Response>) throws -> Response {
        let (head, body) = state.withLock { ($0.head, $0.body) }
        guard let head else { throw HTTPClientError.remoteConnectionClosed }
        return HTTPResponse(
            status: Int(head.status.code), headers: head.headers.map { ($0.name, $0.value) },
            body: Array(body.readableBytesView))
    }
}

extension ByteBuffer {
    fileprivate func prefix(_ count: Int) -> ByteBuffer {
        getSlice(at: readerIndex, length: min(max(count, 0), readableBytes)) ?? ByteBuffer()
    }
}
