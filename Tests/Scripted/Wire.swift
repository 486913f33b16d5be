public import HTTP
import Synchronization

/// Connects tasks that make requests with a test in virtual time. Requests are on their way out, and messages that the
/// tasks make of the answers are on their way in. The number of its process identifies a task.
public final class Wire<Message: Sendable>: Sendable {
    public typealias Answer = Result<HTTPResponse, TransportFailure>

    /// A request that leaves a process.
    public struct Departure: Sendable {
        public let life: Int
        public let request: HTTPRequest
        fileprivate let answer: CheckedContinuation<Answer, Never>

        /// Call it exactly once.
        public func resume(_ result: Answer) { answer.resume(returning: result) }
    }

    private struct State {
        var departures: [Departure] = []
        var answers: [(life: Int, message: Message)] = []
    }

    private let state = Mutex(State())

    public init() {}

    /// The transport of a process.
    public func send(_ request: HTTPRequest, from life: Int) async throws(TransportFailure) -> HTTPResponse {
        let result = await withCheckedContinuation { continuation in
            let departure = Departure(life: life, request: request, answer: continuation)
            state.withLock { $0.departures.append(departure) }
        }
        return try result.get()
    }

    /// A task has the answer to its errand.
    public func bring(_ answer: Message, to life: Int) {
        state.withLock { $0.answers.append((life, answer)) }
    }

    public func takeDepartures() -> [Departure] {
        state.withLock { state in
            defer { state.departures.removeAll(keepingCapacity: true) }
            return state.departures
        }
    }

    public func takeAnswers() -> [(life: Int, message: Message)] {
        state.withLock { state in
            defer { state.answers.removeAll(keepingCapacity: true) }
            return state.answers
        }
    }
}
