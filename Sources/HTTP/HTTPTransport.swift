import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

/// Sends requests to one server: HTTP/1.1 over kept-alive connections, with async-http-client.
///
/// It promises to tell `TransportFailure.notSent` from `.noAnswer`. Everything about one request happens on one event
/// loop, so "the head was written" and "the deadline has passed" have an order. Across loops, the second could overtake
/// a late note of the first.
public final class HTTPTransport: Sendable {
    /// What a transport needs to know.
    public struct Settings: Sendable {
        public var base: BaseURL
        /// The name of the server, for errors.
        public var peer: String
        /// Whether errors and descriptions show only `peer` of the address: whoever knows the URL of a webhook can use it.
        public var hidesAddress = false
        /// Headers of each request, besides `Host`, the credential and `Content-Type`.
        public var headers: [(name: String, value: String)] = []
        /// The header with the credential. Errors never show its value.
        public var credential: (name: String, value: Secret)?
        /// Where the transport looks up proxies and the files of authorities to trust.
        public var environment: [String: String] = [:]
        /// The names of variables that may hold the path of such a file.
        public var certificateVariables = ["SSL_CERT_FILE"]
        /// Files and directories with the authorities that the system trusts.
        public var systemAuthorities = TrustRoots.systemPaths
        /// Further requests wait for a connection, for `connectTimeout` at most. Leave room for the requests that must
        /// not wait behind slow ones.
        public var maximumConnections = 64
        /// For the whole way to an open connection: host name, proxy, TLS.
        public var connectTimeout = Duration.seconds(10)
        /// In bytes. A larger answer is an error.
        public var maximumAnswer = 16 << 20

        public init(base: BaseURL, peer: String) {
            self.base = base
            self.peer = peer
        }
    }

    private let root: String
    private let settings: Settings
    private let loops: ClientLoops
    /// All credentials so far. Requests carry the last one, and errors show none of them.
    private let credentials: Mutex<[Secret]>
    /// Prepared requests that have a body, by target and without the body: URL and headers are the same each time.
    private let posts = Mutex<[String: HTTPClient.Request]>([:])
    private static let mostPosts = 1_024

    /// Checks all settings. Connects to nothing yet.
    public init(_ settings: Settings) throws(TransportSetupError) {
        let proxy = try Proxy(for: settings.base, environment: settings.environment)
        let roots =
            settings.base.isSecure
            ? try TrustRoots.extra(from: settings.certificateVariables, of: settings.environment) : []
        root = settings.base.text
        self.settings = settings
        credentials = Mutex(settings.credential.map { [$0.value] } ?? [])
        loops = ClientLoops(
            connections: settings.maximumConnections, Self.configuration(settings, proxy, roots))
    }

    /// The secrets that no text may show.
    public var secrets: [Secret] { credentials.withLock(\.self) }

    /// From now on requests carry this credential in the header that the settings name.
    public func renew(_ credential: Secret) {
        credentials.withLock { $0.append(credential) }
        posts.withLock { $0.removeAll() }
    }

    /// The least busy loop, for a task that makes requests. The task leaves it at its end.
    public func takeLoop() -> ClientLoop { loops.take() }

    /// Closes the connections. Requests that are under way fail.
    public func shutdown() async {
        await loops.shutdown()
    }

    private static func configuration(
        _ settings: Settings, _ proxy: Proxy?, _ roots: [NIOSSLCertificate]
    ) -> HTTPClient.Configuration {
        var tls = TLSConfiguration.makeClientConfiguration()
        // TLS 1.0 and 1.1 have known weaknesses, and each request carries the credential.
        tls.minimumTLSVersion = .tlsv12
        TrustRoots.add(roots, besides: settings.systemAuthorities, to: &tls)
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(settings.connectTimeout)))
        // HTTP/2 multiplexing once left requests without an answer after server resets. It has no advantage here.
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        // Nobody collects these spans, and they cost a twentieth of a request.
        configuration.tracing.tracer = nil
        // Servers close idle connections after 75 s or less. This is shorter, so a server rarely closes a connection
        // that a request has just taken.
        configuration.connectionPool.idleTimeout = .seconds(20)
        configuration.http1_1ConnectionDebugInitializer = { channel in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                try pipeline.addHandler(FlushOnce(), position: .first)
                let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPResponseDecoder>.self)
                try pipeline.addHandler(StatusCheck(), position: .after(decoder))
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
        guard !Task.isCancelled else { throw .notSent("canceled before it was sent") }
        let collector = ResponseCollector(maximumAnswer: settings.maximumAnswer)
        let prepared: HTTPClient.Request
        do {
            prepared = try self.prepared(request)
        } catch {
            let place = settings.hidesAddress ? request.method.rawValue : request.place
            throw .notSent("\(place) is no valid request")
        }
        let deadline = NIODeadline.now() + TimeAmount(min(max(request.deadline, .zero), .seconds(86_400)))
        do {
            return try await loops.run(prepared, collector, deadline: deadline)
        } catch {
            throw failure(error, wasWritten: collector.wasWritten, request)
        }
    }

    private func prepared(_ request: HTTPRequest) throws -> HTTPClient.Request {
        guard let body = request.body else { return try plain(request) }
        var prepared = try request.headers.isEmpty ? kept(request) : plain(request)
        prepared.body = .bytes(body)
        return prepared
    }

    /// Prepares the first request to a target, and keeps it for the next one. Only for requests without own headers.
    private func kept(_ request: HTTPRequest) throws -> HTTPClient.Request {
        try posts.withLock { posts in
            if let known = posts[request.target] { return known }
            if posts.count == Self.mostPosts { posts.removeAll() }
            let new = try plain(request)
            posts[request.target] = new
            return new
        }
    }

    private func plain(_ request: HTTPRequest) throws -> HTTPClient.Request {
        var headers = HTTPHeaders()
        headers.add(name: "Host", value: settings.base.authority)
        if let name = settings.credential?.name, let secret = credentials.withLock(\.last) {
            headers.add(name: name, value: secret.exposed)
        }
        for (name, value) in settings.headers { headers.add(name: name, value: value) }
        // Also without a body: in maintenance mode, GitLab redirects a POST that does not look like an API call.
        if request.method != .get { headers.add(name: "Content-Type", value: "application/json") }
        for (name, value) in request.headers { headers.replaceOrAdd(name: name, value: value) }
        return try HTTPClient.Request(
            url: root + request.target, method: HTTPMethod(rawValue: request.method.rawValue),
            headers: headers)
    }

    private func failure(
        _ error: any Error, wasWritten: Bool, _ request: HTTPRequest
    ) -> TransportFailure {
        let words = TransportWords(settings: settings, deadline: request.deadline)
        let text = words.text(for: error).redacted(secrets)
        return wasWritten ? .noAnswer(text) : .notSent(text)
    }
}

extension HTTPTransport.Settings: CustomStringConvertible, CustomReflectable {
    public var description: String { "HTTPTransport.Settings(\(shownBase))" }
    /// Shows nothing of the environment and the headers, which hold secrets.
    public var customMirror: Mirror { Mirror(self, children: ["base": shownBase]) }

    fileprivate var shownBase: String { hidesAddress ? peer : base.text }
}

extension HTTPTransport: CustomStringConvertible, CustomReflectable {
    public var description: String { "HTTPTransport(\(settings.shownBase))" }
    /// Shows nothing of the settings, which hold secrets.
    public var customMirror: Mirror { Mirror(self, children: ["base": settings.shownBase]) }
}
