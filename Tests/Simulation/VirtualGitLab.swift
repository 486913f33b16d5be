import Cron
import FakeGitLab
import GitLab
import Synchronization

/// The simulated GitLab and the clock of a simulation: requests are carried out at the virtual instant.
final class VirtualGitLab: Sendable {
    private struct State {
        var model: FakeGitLab
        var now: Instant
    }

    private static let token = "fake-token"
    private let state: Mutex<State>

    init(_ settings: FakeSettings, now: Instant) {
        state = Mutex(State(model: FakeGitLab(settings), now: now))
    }

    var now: Instant {
        get { state.withLock(\.now) }
        set { state.withLock { $0.now = newValue } }
    }

    func withModel<Value: Sendable>(_ body: (inout FakeGitLab) -> Value) -> Value {
        state.withLock { body(&$0.model) }
    }

    /// Answers as the real transport would, without a socket.
    func send(_ request: HTTPRequest) throws(TransportFailure) -> HTTPResponse {
        let fake = FakeRequest(
            method: request.method.rawValue, path: "/api/v4" + request.path,
            query: request.query.map { ($0.name, $0.value) }, headers: [("PRIVATE-TOKEN", Self.token)],
            body: request.body ?? [])
        let outcome = state.withLock { $0.model.respond(to: fake, at: $0.now.microseconds) }
        switch outcome {
        case .answer(let answer, _):
            return HTTPResponse(
                status: answer.status, headers: answer.headers.map { (name: $0.0, value: $0.1) },
                body: answer.body)
        case .cut: throw .noAnswer("the connection was cut")
        case .hang: throw .noAnswer("no answer in time")
        }
    }
}
