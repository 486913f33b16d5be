public import HTTP

extension HTTPTransport.Settings {
    /// How to reach GitLab's API. `baseURL` is `CI_API_V4_URL`. `version` is that of orchestrate, for the `User-Agent`.
    public init(
        baseURL: String, token: Secret, version: String, environment: [String: String] = [:],
        maximumConnections: Int = 64, connectTimeout: Duration = .seconds(10),
        maximumAnswer: Int = 16 << 20
    ) throws(TransportSetupError) {
        let base = try BaseURL(api: baseURL)
        guard !token.isEmpty else {
            throw TransportSetupError(
                place: "CI_PIPELINE_TOKEN", cause: "is empty",
                advice: "it should be a project access token with scope api")
        }
        guard token.isWord else {
            throw TransportSetupError(
                place: "CI_PIPELINE_TOKEN",
                cause: "has a blank, a line break or a character that no token has",
                advice: "look for one at its end")
        }
        self.init(base: base, peer: "GitLab")
        headers = [("User-Agent", "orchestrate/\(version)"), ("Accept", "application/json")]
        credential = ("PRIVATE-TOKEN", token)
        self.environment = environment
        // The runner sets the first one if it knows GitLab's certificate chain; operators set the second one.
        certificateVariables = ["CI_SERVER_TLS_CA_FILE", "SSL_CERT_FILE"]
        self.maximumConnections = maximumConnections
        self.connectTimeout = connectTimeout
        self.maximumAnswer = maximumAnswer
    }
}

extension GitLabClient {
    /// A client that uses a transport, and hides its token in every error.
    public init(_ transport: HTTPTransport) {
        self.init(hiding: { transport.secrets }) { (request) async throws(TransportFailure) in
            try await transport.send(request)
        }
    }
}
