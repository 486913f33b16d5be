import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

/// The way to GitLab: HTTP/1.1 over kept-alive connections, by async-http-client.
///
/// Its promise is the difference between `TransportFailure.notSent` and `.noAnswer`. Everything about one
/// request happens on one event loop, so that "the head has been written" and "the deadline has passed"
/// have an order; across loops a late note of the first could be overtaken by the second.
public final class HTTPTransport: Sendable {
    /// What a transport needs to know.
    public struct Settings: Sendable {
        /// `CI_API_V4_URL`.
        public var baseURL: String
        /// Sent as `PRIVATE-TOKEN`.
        public var token: Secret
        /// For the `User-Agent`: `orchestrate/<version>`.
        public var version: String
        /// Where the names of proxies and CA files are looked up.
        public var environment: [String: String]
        /// Requests beyond this wait for a connection, for `connectTimeout` at most: leave room for the
        /// requests that must not wait behind slow ones.
        public var maximumConnections: Int
        /// For the whole way to an open connection: name, proxy, TLS.
        public var connectTimeout: Duration
        /// Larger answers are an error, in bytes.
        public var maximumAnswer: Int

        public init(
            baseURL: String, token: Secret, version: String, environment: [String: String] = [:],
            maximumConnections: Int = 64, connectTimeout: Duration = .seconds(10),
            maximumAnswer: Int = 16 << 20
        ) {
            self.baseURL = baseURL
            self.token = token
            self.version = version
            self.environment = environment
            self.maximumConnections = maximumConnections
            self.connectTimeout = connectTimeout
            self.maximumAnswer = maximumAnswer
        }
    }

    let base: BaseURL
    private let root: String
    private let settings: Settings
    private let lanes: Lanes
    /// Requests to create a pipeline, by their path and without a body: URL and headers are the same each time.
    private let posts = Mutex<[String: HTTPClient.Request]>([:])
    private static let mostPosts = 1_024

    /// Checks all settings; connects to nothing yet.
    public init(_ settings: Settings) throws(TransportSetupError) {
        let base = try BaseURL(settings.baseURL)
        try Self.check(settings.token)
        let proxy = try Proxy(for: base, environment: settings.environment)
        let roots = base.isSecure ? try TrustRoots.extra(settings.environment) : []
        self.base = base
        root = base.text
        self.settings = settings
        lanes = Lanes(
            connections: settings.maximumConnections, Self.configuration(settings, proxy, roots))
    }

    /// The best place for a task that makes requests; it is to be left when the task is over.
    public func takeLane() -> Lane { lanes.take() }

    /// Closes the connections; what is under way ends with a failure.
    public func shutdown() async {
        await lanes.shutdown()
    }

    /// A token with a line break or the like could not be sent, and async-http-client would name it in its error.
    private static func check(_ token: Secret) throws(TransportSetupError) {
        guard !token.isEmpty else {
            throw TransportSetupError(
                place: "CI_PIPELINE_TOKEN", cause: "is empty",
                advice: "it should be a project access token with scope api")
        }
        guard token.exposed.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw TransportSetupError(
                place: "CI_PIPELINE_TOKEN",
                cause: "has a blank, a line break or a character that no token has",
                advice: "look for one at its end")
        }
    }

    private static func configuration(
        _ settings: Settings, _ proxy: Proxy?, _ roots: [NIOSSLCertificate]
    ) -> HTTPClient.Configuration {
        var tls = TLSConfiguration.makeClientConfiguration()
        if !roots.isEmpty { tls.additionalTrustRoots = [.certificates(roots)] }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(settings.connectTimeout)))
        // HTTP/2 multiplexing once left requests without an answer (server resets); it brings nothing here.
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        // Spans that nobody collects cost a twentieth of a request.
        configuration.tracing.tracer = nil
        // Shorter than what servers allow (75 s and less): they rarely close a connection that is just taken.
        configuration.connectionPool.idleTimeout = .seconds(20)
        configuration.http1_1ConnectionDebugInitializer = { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(FlushOnce(), position: .first)
            }
        }
        configuration.proxy = proxy.map { proxy in
            let login = proxy.user.map { user in
                HTTPClient.Authorization.basic(
                    username: user.exposed, password: proxy.password?.exposed ?? "")
            }
            return .server(host: proxy.host, port: proxy.port, authorization: login)
        }
        return configuration
    }
}

extension HTTPTransport {
    /// Sends one request, once. The deadline covers everything up to the last byte of the answer.
    public func send(_ request: HTTPRequest) async throws(TransportFailure) -> HTTPResponse {
        guard !Task.isCancelled else { throw .notSent("cancelled before it was sent") }
        let exchange = Exchange(maximumAnswer: settings.maximumAnswer)
        let prepared: HTTPClient.Request
        do {
            prepared = try self.prepared(request)
        } catch {
            throw .notSent("\(request.place) is no valid request")
        }
        let deadline = NIODeadline.now() + TimeAmount(min(max(request.deadline, .zero), .seconds(86_400)))
        do {
            return try await lanes.run(prepared, exchange, deadline: deadline)
        } catch {
            throw failure(error, wasWritten: exchange.wasWritten, request)
        }
    }

    private func prepared(_ request: HTTPRequest) throws -> HTTPClient.Request {
        guard let body = request.body else { return try plain(request) }
        var prepared = try posts.withLock { posts in
            if let known = posts[request.target] { return known }
            if posts.count == Self.mostPosts { posts.removeAll() }
            let new = try plain(request)
            posts[request.target] = new
            return new
        }
        prepared.body = .bytes(body)
        return prepared
    }

    private func plain(_ request: HTTPRequest) throws -> HTTPClient.Request {
        var headers = HTTPHeaders()
        headers.add(name: "Host", value: base.authority)
        headers.add(name: "PRIVATE-TOKEN", value: settings.token.exposed)
        headers.add(name: "User-Agent", value: "orchestrate/\(settings.version)")
        headers.add(name: "Accept", value: "application/json")
        if request.body != nil { headers.add(name: "Content-Type", value: "application/json") }
        return try HTTPClient.Request(
            url: root + request.target, method: HTTPMethod(rawValue: request.method.rawValue),
            headers: headers)
    }

    private func failure(
        _ error: any Error, wasWritten: Bool, _ request: HTTPRequest
    ) -> TransportFailure {
        let words = TransportWords(base: base, settings: settings, deadline: request.deadline)
        let text = settings.token.redacted(words.text(for: error))
        return wasWritten ? .noAnswer(text) : .notSent(text)
    }
}

extension HTTPTransport.Settings: CustomStringConvertible, CustomReflectable {
    public var description: String { "HTTPTransport.Settings(\(baseURL))" }
    /// Shows nothing of the environment, which holds secrets.
    public var customMirror: Mirror { Mirror(self, children: ["baseURL": baseURL]) }
}

extension HTTPTransport: CustomStringConvertible, CustomReflectable {
    public var description: String { "HTTPTransport(\(base.text))" }
    /// Shows nothing of the settings, which hold secrets.
    public var customMirror: Mirror { Mirror(self, children: ["base": base.text]) }
}

extension GitLabClient {
    /// A client that uses a transport, and hides its token in every error.
    public init(_ transport: HTTPTransport, deadlines: Deadlines = Deadlines()) {
        self.init(deadlines: deadlines, hiding: [transport.token]) {
            (request) async throws(TransportFailure) in try await transport.send(request)
        }
    }
}

extension HTTPTransport {
    fileprivate var token: Secret { settings.token }
}
