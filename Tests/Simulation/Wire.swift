import GitLab
import HTTP
import Synchronization

@testable import Orchestrator

/// Between the tasks of the processes and the simulation: requests on their way out, answers on their way in.
final class Wire: Sendable {
    typealias Answer = Result<HTTPResponse, TransportFailure>

    /// A request that leaves a process.
    struct Departure: Sendable {
        let life: Int
        let request: HTTPRequest
        fileprivate let answer: CheckedContinuation<Answer, Never>

        /// Once, and only once.
        func resume(_ result: Answer) { answer.resume(returning: result) }
    }

    private struct State {
        var departures: [Departure] = []
        var answers: [(life: Int, message: Message)] = []
    }

    private let state = Mutex(State())

    /// The transport of a process.
    func send(_ request: HTTPRequest, from life: Int) async throws(TransportFailure) -> HTTPResponse {
        let result = await withCheckedContinuation { continuation in
            let departure = Departure(life: life, request: request, answer: continuation)
            state.withLock { $0.departures.append(departure) }
        }
        return try result.get()
    }

    /// An effect has its answer.
    func bring(_ answer: Message, to life: Int) {
        state.withLock { $0.answers.append((life, answer)) }
    }

    func takeDepartures() -> [Departure] {
        state.withLock { state in
            defer { state.departures.removeAll(keepingCapacity: true) }
            return state.departures
        }
    }

    func takeAnswers() -> [(life: Int, message: Message)] {
        state.withLock { state in
            defer { state.answers.removeAll(keepingCapacity: true) }
            return state.answers
        }
    }
}
