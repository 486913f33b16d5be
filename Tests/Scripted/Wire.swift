public import HTTP
import Synchronization

/// Between tasks that make requests and a test in virtual time: requests on their way out, and what the tasks make of the
/// answers on its way in. Tasks are told apart by the number of their process.
public final class Wire<Message: Sendable>: Sendable {
    public typealias Answer = Result<HTTPResponse, TransportFailure>

    /// A request that leaves a process.
    public struct Departure: Sendable {
        public let life: Int
        public let request: HTTPRequest
        fileprivate let answer: CheckedContinuation<Answer, Never>

        /// Once, and only once.
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

    /// An effect has its answer.
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
