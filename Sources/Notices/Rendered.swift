import CivilTime
import HTTP
import Scheduling

/// A request to a channel, without the channel's address.
struct Rendered: Sendable {
    /// Below the path of the channel's URL; empty, or with a leading slash.
    var suffix = ""
    var query: [(name: String, value: String)] = []
    /// Headers of this request alone. Without a `Content-Type` among them, the body is `application/json`.
    var headers: [(name: String, value: String)] = []
    var body: [UInt8]
}

/// Renders messages for a service.
struct Renderer: Sendable {
    var service: Service
    /// The key of signatures.
    var secret: String?
    /// Id or path of the project whose pipelines are started.
    var project: String

    /// What to send for the messages: one request for a chat, else one each. `now` is when it is sent. A
    /// message that the service has no form for has no request.
    func requests(for messages: [OutboxMessage], at now: Instant) -> [Rendered] {
        guard !messages.isEmpty else { return [] }
        switch service {
        case .slack: return [SlackBody.render(messages)]
        case .discord: return [DiscordBody.render(messages)]
        case .teams: return [TeamsCard.render(messages)]
        case .json: return messages.map { CloudEvent.render($0, source: source, secret: secret, at: now) }
        case .gitlab: return messages.map { GitLabAlert.render($0, source: source) }
        case .healthchecks: return messages.compactMap(HealthchecksPing.render)
        }
    }

    /// A URI reference, as CloudEvents wants it: a path is one segment, as in GitLab's API.
    private var source: String { "/projects/\(PercentEncoding.encode(project))" }
}
