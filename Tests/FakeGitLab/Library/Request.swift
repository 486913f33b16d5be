/// The parts of an HTTP request that the model uses.
public struct FakeRequest: Sendable {
    public var method: String
    /// The path as sent, still percent-encoded: `/api/v4/projects/4242/pipeline`.
    public var path: String
    /// The decoded query, in order. A name stands as often as it was sent.
    public var query: [(String, String)]
    public var headers: [(String, String)]
    public var body: [UInt8]

    public init(
        method: String, path: String, query: [(String, String)] = [], headers: [(String, String)] = [],
        body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// A request for a target as in a request line: a path, and a query after `?`.
    public init(method: String, target: String, headers: [(String, String)] = [], body: [UInt8] = []) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        self.init(
            method: method, path: String(parts[0]),
            query: parts.count > 1 ? Parameters.pairs(parts[1]) : [], headers: headers, body: body)
    }

    /// A request as the orchestrator's client sends it, for tests without a socket.
    public init(_ method: String, _ target: String, token: String? = nil, json: FakeJSON? = nil) {
        var headers: [(String, String)] = []
        if let token { headers.append(("PRIVATE-TOKEN", token)) }
        if json != nil { headers.append(("Content-Type", "application/json")) }
        self.init(method: method, target: target, headers: headers, body: json?.bytes ?? [])
    }

    /// The first header of that name. The case does not matter.
    func header(_ name: String) -> String? {
        headers.first { $0.0.lowercased() == name.lowercased() }?.1
    }

    func contains(_ text: String) -> Bool {
        path.contains(text) || query.contains { $0.0.contains(text) || $0.1.contains(text) }
            || String(decoding: body, as: UTF8.self).contains(text)
    }
}

/// The status, headers and body that a client gets back.
public struct FakeAnswer: Sendable {
    public var status: Int
    public var headers: [(String, String)]
    public var body: [UInt8]

    public init(status: Int, headers: [(String, String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    init(_ status: Int, _ json: FakeJSON, headers: [(String, String)] = []) {
        self.init(
            status: status, headers: [("Content-Type", "application/json")] + headers, body: json.bytes)
    }

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as JSON; null if it is not JSON.
    public var json: FakeJSON { FakeJSON(parsing: body) ?? .null }

    /// The first header of that name. The case does not matter.
    public func header(_ name: String) -> String? {
        headers.first { $0.0.lowercased() == name.lowercased() }?.1
    }
}

/// How the exchange ends for the client. This does not tell whether the request had an effect: see `FakeFault`.
public enum FakeOutcome: Sendable {
    /// An answer, sent this many microseconds after the request.
    case answer(FakeAnswer, after: Int64)
    /// The connection is cut without an answer, this many microseconds after the request.
    case cut(after: Int64)
    /// Nothing ever comes. The client has to give up by itself.
    case hang

    public var answer: FakeAnswer? {
        if case .answer(let answer, _) = self { answer } else { nil }
    }
}
