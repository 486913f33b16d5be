import CivilTime
import HTTP
import Scheduling

/// The way to one address: renders, sends once, and judges the answer.
struct Outlet: Sendable {
    /// What all outlets have in common.
    struct Wire: Sendable {
        var environment: [String: String]
        var version: String
        var patience: Duration
    }

    private let address: Address
    private let renderer: Renderer?
    /// The variable to change if the address is wrong.
    private let variable: String
    private let patience: Duration
    private let hidden: [Secret]
    private let transport: Result<HTTPTransport, TransportSetupError>

    init(_ channel: Channel, project: String, _ wire: Wire) {
        self.init(
            channel.address,
            Renderer(service: channel.service, secret: channel.secret, project: project),
            variable: Channels.prefix + channel.name.uppercased(), wire)
    }

    init(heartbeat address: Address, _ wire: Wire) {
        self.init(address, nil, variable: Channels.heartbeatVariable, wire)
    }

    private init(_ address: Address, _ renderer: Renderer?, variable: String, _ wire: Wire) {
        self.address = address
        self.renderer = renderer
        self.variable = variable
        patience = wire.patience
        hidden = address.secrets + (renderer?.secret.map { [Secret($0)] } ?? [])
        transport = Self.transport(to: address, renderer, wire)
    }

    private static func transport(
        to address: Address, _ renderer: Renderer?, _ wire: Wire
    ) -> Result<HTTPTransport, TransportSetupError> {
        var settings = HTTPTransport.Settings(base: address.base, peer: "the receiver")
        settings.hidesAddress = true
        settings.headers = [("User-Agent", "orchestrate/\(wire.version)")]
        settings.environment = wire.environment
        settings.certificateVariables = ["CI_SERVER_TLS_CA_FILE", "SSL_CERT_FILE"]
        // As many parcels are under way at once.
        settings.maximumConnections = 4
        // The deadline of the request comes first, so that a receiver that hangs has one description.
        settings.connectTimeout = wire.patience * 2
        settings.maximumAnswer = 1 << 20
        if renderer?.service == .gitlab, let key = renderer?.secret {
            settings.credential = ("Authorization", Secret("Bearer \(key)"))
        }
        do throws(TransportSetupError) {
            return .success(try HTTPTransport(settings))
        } catch {
            return .failure(error)
        }
    }

    func deliver(_ messages: [OutboxMessage], at now: Instant) async -> Delivery {
        let requests = renderer?.requests(for: messages, at: now) ?? []
        guard !requests.isEmpty else {
            return .refused("the job's name has no letter from a to z and no digit, so it has no slug")
        }
        for request in requests {
            let target = address.target(suffix: request.suffix, query: request.query)
            let delivery = await send(
                HTTPRequest(
                    .post, target, headers: request.headers, body: request.body, deadline: patience),
                at: now)
            guard delivery == .taken else { return delivery }
        }
        return .taken
    }

    func beat() async -> Delivery {
        await send(HTTPRequest(.get, address.target(suffix: "", query: []), deadline: patience), at: nil)
    }

    func shutdown() async {
        if case .success(let transport) = transport { await transport.shutdown() }
    }

    private func send(_ request: HTTPRequest, at now: Instant?) async -> Delivery {
        switch transport {
        case .failure(let error): return .failed(error.description.redacted(hidden))
        case .success(let transport):
            do throws(TransportFailure) {
                let answer = try await transport.send(request)
                // The switch has no check of this name, or several: that is the job's fault, not the channel's.
                if renderer?.service == .healthchecks, [404, 409].contains(answer.status) {
                    return .refused("HTTP \(answer.status)")
                }
                return Delivery(answer, to: variable, at: now)
            } catch {
                switch error {
                case .notSent(let words), .noAnswer(let words): return .failed(words.redacted(hidden))
                }
            }
        }
    }
}

extension Outlet: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "Outlet(\(variable))" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: ["variable": variable]) }
}

extension Delivery {
    /// No wait is longer, whatever the receiver asks for.
    private static let longestWait = Duration.seconds(3_600)

    /// What an answer means. Its text is not shown: it may repeat the request. `variable` holds the address.
    init(_ answer: HTTPResponse, to variable: String, at now: Instant?) {
        switch answer.status {
        case 200..<300: self = .taken
        case 300..<400:
            self = .failed(
                "it redirects (HTTP \(answer.status)): write the address it leads to into \(variable)")
        // The same request will get the same answer.
        case 400, 413, 422: self = .refused("HTTP \(answer.status)")
        case 429, 503:
            let wait = answer.header("Retry-After").flatMap { Self.wait($0, at: now) }
            self = .failed("HTTP \(answer.status)", retryAfter: wait)
        default: self = .failed("HTTP \(answer.status)")
        }
    }

    /// Reads seconds, or the date of HTTP.
    private static func wait(_ text: String, at now: Instant?) -> Duration? {
        if let seconds = Double(text), seconds >= 0 {
            return .milliseconds(Int64(min(seconds, 3_600) * 1_000))
        }
        guard let now, let date = Instant(httpDate: text) else { return nil }
        return min(max(now.duration(to: date), .zero), longestWait)
    }
}
