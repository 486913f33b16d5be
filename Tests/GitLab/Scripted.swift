import GitLab
import Synchronization

/// Stands in for the transport: answers requests one after the other from a script and keeps them.
final class Scripted: Sendable {
    private struct State {
        var answers: [Result<HTTPResponse, TransportFailure>]
        var requests: [HTTPRequest] = []
    }

    private let state: Mutex<State>

    init(_ answers: [Result<HTTPResponse, TransportFailure>]) {
        state = Mutex(State(answers: answers))
    }

    convenience init(_ status: Int, _ body: String, headers: [(name: String, value: String)] = []) {
        self.init([.success(HTTPResponse(status: status, headers: headers, body: Array(body.utf8)))])
    }

    var requests: [HTTPRequest] { state.withLock { $0.requests } }

    func client(hiding secrets: [Secret] = []) -> GitLabClient {
        GitLabClient(hiding: secrets) { (request) async throws(TransportFailure) in
            try self.next(request).get()
        }
    }

    private func next(_ request: HTTPRequest) -> Result<HTTPResponse, TransportFailure> {
        state.withLock { state in
            state.requests.append(request)
            guard !state.answers.isEmpty else { return .failure(.notSent("the script is at its end")) }
            return state.answers.removeFirst()
        }
    }
}

/// A page of a list with its headers.
func page(_ rows: [String], _ headers: [(name: String, value: String)] = []) -> Result<
    HTTPResponse, TransportFailure
> {
    .success(
        HTTPResponse(
            status: 200, headers: headers, body: Array("[\(rows.joined(separator: ","))]".utf8)))
}

/// What a call throws; nil: nothing.
func failure<Value>(_ call: () async throws(APIFailure) -> Value) async -> APIFailure? {
    do {
        _ = try await call()
        return nil
    } catch {
        return error
    }
}
