public import GitLab
public import HTTP
import Synchronization

/// GitLab's answer to one request, or how the request ends without an answer.
public typealias Reply = Result<HTTPResponse, TransportFailure>

/// Replaces the transport in tests. It answers requests in turn from a script, or each by a rule, and keeps them.
public final class Scripted: Sendable {
    private struct State {
        var answers: [Reply]
        var requests: [HTTPRequest] = []
    }

    private let state: Mutex<State>
    private let rule: (@Sendable (HTTPRequest) -> Reply)?

    public init(_ answers: [Reply]) {
        state = Mutex(State(answers: answers))
        rule = nil
    }

    public init(_ rule: @escaping @Sendable (HTTPRequest) -> Reply) {
        state = Mutex(State(answers: []))
        self.rule = rule
    }

    public convenience init(
        _ status: Int, _ body: String, headers: [(name: String, value: String)] = []
    ) {
        self.init([reply(status, body, headers)])
    }

    public var requests: [HTTPRequest] { state.withLock { $0.requests } }

    public func client(hiding secrets: [Secret] = []) -> GitLabClient {
        GitLabClient(hiding: { secrets }) { (request) async throws(TransportFailure) in
            try self.next(request).get()
        }
    }

    private func next(_ request: HTTPRequest) -> Reply {
        state.withLock { state in
            state.requests.append(request)
            if let rule { return rule(request) }
            guard !state.answers.isEmpty else { return .failure(.notSent("the script is at its end")) }
            return state.answers.removeFirst()
        }
    }
}

/// An answer with a body.
public func reply(
    _ status: Int, _ body: String = "", _ headers: [(name: String, value: String)] = []
) -> Reply {
    .success(HTTPResponse(status: status, headers: headers, body: Array(body.utf8)))
}

/// A page of a list with its headers.
public func page(_ rows: [String], _ headers: [(name: String, value: String)] = []) -> Reply {
    reply(200, "[\(rows.joined(separator: ","))]", headers)
}

/// What a call throws; nil if it succeeds.
public func failure<Value>(_ call: () async throws(APIFailure) -> Value) async -> APIFailure? {
    do {
        _ = try await call()
        return nil
    } catch {
        return error
    }
}
