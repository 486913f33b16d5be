import Text

/// One request, independent of any HTTP library.
public struct HTTPRequest: Sendable {
    public enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
    }

    public var method: Method
    /// Below the base URL, percent-encoded, with a leading slash: `/projects/4242/pipeline`.
    public var path: String
    /// Names and values before percent-encoding.
    public var query: [(name: String, value: String)]
    /// Besides those of the transport. A `Content-Type` among them replaces `application/json`.
    public var headers: [(name: String, value: String)]
    /// JSON, if no header says otherwise; nil: no body.
    public var body: [UInt8]?
    /// The time from sending to the last byte of the answer.
    public var deadline: Duration

    public init(
        _ method: Method, _ path: String, query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)] = [], body: [UInt8]? = nil, deadline: Duration
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.deadline = deadline
    }

    /// Path and query as they go over the wire.
    public var target: String {
        guard !query.isEmpty else { return path }
        let pairs = query.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }
        return "\(path)?\(pairs.joined(separator: "&"))"
    }

    /// The request's name in errors and logs. It lacks the query, which may be long.
    public var place: String { "\(method.rawValue) \(path)" }
}

/// The answer to one request.
public struct HTTPResponse: Sendable {
    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first value of a header. The case of the name does not matter.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.equalsIgnoringCase(name) }?.value
    }
}

/// How a request ended without an answer. This decides whether it may be sent again.
public enum TransportFailure: Error, Hashable, Sendable {
    /// The server certainly did not carry out the request: it never had all of it.
    case notSent(String)
    /// The request, or a part of it, was written: the server may have carried it out.
    case noAnswer(String)
}
