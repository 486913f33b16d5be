/// Ends a request with another answer than the requested one.
struct Refusal: Error {
    let answer: FakeAnswer

    init(_ answer: FakeAnswer) { self.answer = answer }
}

/// The bodies that GitLab, or the proxy before it, sends when something is wrong.
extension FakeAnswer {
    /// `{"error": text}`: parameters that do not fit, routes that do not exist.
    public static func error(_ status: Int, _ text: String) -> FakeAnswer {
        FakeAnswer(status, ["error": .string(text)])
    }

    /// `{"message": text}`: the usual form.
    public static func message(_ status: Int, _ text: String) -> FakeAnswer {
        FakeAnswer(status, ["message": .string(text)])
    }

    /// `{"message": {"base": [texts]}}`: GitLab could not create a pipeline, one text for each reason.
    public static func base(_ status: Int = 400, _ texts: String...) -> FakeAnswer {
        FakeAnswer(status, ["message": ["base": .array(texts.map(FakeJSON.string))]])
    }

    public static let unauthorized = message(401, "401 Unauthorized")
    public static let forbidden = message(403, "403 Forbidden")
    public static let internalError = message(500, "500 Internal Server Error")
    public static let unavailable = message(503, "503 Service Unavailable")
    public static let tooManyPipelines = base(
        400, "Too many pipelines created in the last minute. Try again later.")

    public static let badGateway = html(
        502, "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body></body>\r\n</html>\r\n")
    public static let gatewayTimeout = html(
        504, "<html><head><title>504 Gateway Time-out</title></head></html>\n")

    /// What a proxy, a load balancer or a firewall says in GitLab's place.
    public static func proxy(_ status: Int) -> FakeAnswer {
        html(status, "<html><head><title>\(status) Blocked</title></head><body>policy 7</body></html>\n")
    }

    private static func html(_ status: Int, _ text: String) -> FakeAnswer {
        FakeAnswer(status: status, headers: [("Content-Type", "text/html")], body: Array(text.utf8))
    }

    /// `{"error": "invalid_token", …}`: a token that was valid once.
    static func invalidToken(_ text: String) -> FakeAnswer {
        let realm =
            "Bearer realm=\"Protected by OAuth 2.0\", error=\"invalid_token\", error_description=\"\(text)\""
        return FakeAnswer(
            401, ["error": "invalid_token", "error_description": .string(text)],
            headers: [("WWW-Authenticate", realm)])
    }

    static let insufficientScope = FakeAnswer(
        403,
        [
            "error": "insufficient_scope",
            "error_description": "The request requires higher privileges than provided by the access token.",
            "scope": "api",
        ])

    /// The application limiter's 429, which has no `Retry-After`.
    static let tooManyRequestsOfEndpoint = FakeAnswer(
        429, ["message": ["error": "This endpoint has been requested too many times. Try again later."]])

    /// The 429 of the limiter of job retries. It has no `Retry-After` either.
    static let tooManyJobRetries = message(429, "Job retry rate limit exceeded")

    /// The body that a proxy or a debug page would send for a status, for faults that name only the status.
    public static func usual(_ status: Int) -> FakeAnswer {
        switch status {
        case 401: unauthorized
        case 403: forbidden
        case 404: message(404, "404 Project Not Found")
        case 500: internalError
        case 502: badGateway
        case 503: unavailable
        case 504: gatewayTimeout
        default: message(status, "\(status)")
        }
    }
}
