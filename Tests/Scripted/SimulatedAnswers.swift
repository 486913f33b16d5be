public import FakeGitLab
public import HTTP

extension FakeRequest {
    /// The request as the real transport would send it, without a socket.
    public init(_ request: HTTPRequest, token: String) {
        let type = request.method != .get ? [("Content-Type", "application/json")] : []
        self.init(
            method: request.method.rawValue, path: "/api/v4" + request.path,
            query: request.query.map { ($0.name, $0.value) }, headers: [("PRIVATE-TOKEN", token)] + type,
            body: request.body ?? [])
    }
}

extension HTTPResponse {
    /// The answer as the real transport would receive it.
    public init(_ answer: FakeAnswer) {
        self.init(
            status: answer.status, headers: answer.headers.map { (name: $0.0, value: $0.1) },
            body: answer.body)
    }
}
