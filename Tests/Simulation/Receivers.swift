import CivilTime
import GitLab
import HTTP
import Scheduling
import TestSupport

@testable import Orchestrator

/// The channels of a simulation: what they were told, and what goes wrong with them.
struct Receivers {
    struct Letter {
        let kind: OutboxMessage.Kind
        let subject: String
        let channel: String
    }

    /// Its own, so that channels change nothing else.
    private var random: SplitMix
    private(set) var received: [Letter] = []
    /// What a channel said no to: nobody sends it again.
    private(set) var refused: [Letter] = []
    private var downUntil: [String: Instant] = [:]

    init(seed: UInt64) { random = SplitMix(seed: seed ^ 0x746F_6C64) }

    static let traits: [String: ChannelTraits] = [
        "ops": ChannelTraits(isChat: false, isSwitch: false),
        "chat": ChannelTraits(isChat: true, isSwitch: false),
        "hc": ChannelTraits(isChat: false, isSwitch: true),
    ]

    /// The first job tells of each failure. The second one has the usual policy.
    static func listen(_ settings: inout Settings, _ jobs: inout [Job]) {
        settings.notify = NotifySettings(channels: traits, standard: ["ops", "chat"])
        jobs[0].notify = NotifyPolicy(to: ["ops"])
        jobs[0].notify?.repeatAfter = .zero
        jobs[0].ping = "hc"
    }

    /// A channel gets a request: its answer, and after how long. nil: it hangs.
    mutating func take(_ request: HTTPRequest, at now: Instant, isCalm: Bool) -> (
        Wire.Answer, after: Duration
    )? {
        let letters = Self.letters(request)
        let channel = letters.first?.channel ?? ""
        let delay = random.milliseconds(20...400)
        guard !isCalm, now >= downUntil[channel] ?? .distantPast else {
            if isCalm { received += letters }
            return (isCalm ? .success(HTTPResponse(status: 204)) : .success(HTTPResponse(status: 503)), delay)
        }
        switch Int.random(in: 0..<40, using: &random) {
        case 0: return nil
        case 1:
            refused += letters
            return (.success(HTTPResponse(status: 400)), delay)
        case 2: return (.success(HTTPResponse(status: 429, headers: [("Retry-After", "90")])), delay)
        case 3:
            downUntil[channel] = now.advanced(by: random.seconds(5...600))
            return (.failure(.notSent("connection refused")), delay)
        case 4:
            received += letters
            return (.failure(.noAnswer("the connection was cut")), delay)
        default:
            received += letters
            return (.success(HTTPResponse(status: 200)), delay)
        }
    }

    private static func letters(_ request: HTTPRequest) -> [Letter] {
        let channel = String(request.path.dropFirst(path.count))
        return String(decoding: request.body ?? [], as: UTF8.self).split(separator: "\n").compactMap { line in
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, let kind = OutboxMessage.Kind(rawValue: String(parts[0])) else {
                return nil
            }
            return Letter(kind: kind, subject: String(parts[1]), channel: channel)
        }
    }

    static let path = "/channels/"

    static func request(_ parcel: Parcel) -> HTTPRequest {
        let lines = parcel.messages.map { "\($0.kind.rawValue) \($0.subject)" }.joined(separator: "\n")
        return HTTPRequest(.post, path + parcel.channel, body: Array(lines.utf8), deadline: .seconds(10))
    }

    static func delivery(_ answer: Wire.Answer) -> Delivery {
        switch answer {
        case .success(let response) where response.status < 300: .taken
        case .success(let response) where response.status == 400: .refused("HTTP 400")
        case .success(let response):
            .failed("HTTP \(response.status)", retryAfter: response.status == 429 ? .seconds(90) : nil)
        case .failure: .failed("no answer")
        }
    }
}
