import Scheduling
import Text

/// The services that a channel can lead to. The raw value stands before the `+` of the channel's variable.
enum Service: String, Sendable, CaseIterable {
    /// CloudEvents, for programs.
    case json
    /// Slack, and what understands its form: Mattermost, Rocket.Chat.
    case slack
    case discord
    case teams
    /// The HTTP endpoint of GitLab's alerts.
    case gitlab
    /// A dead-man's switch that is called at the start and at the end of each run.
    case healthchecks

    var traits: ChannelTraits {
        ChannelTraits(
            isChat: [.slack, .discord, .teams].contains(self), isSwitch: self == .healthchecks)
    }

    /// What a channel's variable should look like.
    var example: String {
        switch self {
        case .json: "json+https://hooks.example.com/orchestrate"
        case .slack: "slack+https://hooks.slack.com/services/…"
        case .discord: "discord+https://discord.com/api/webhooks/…"
        case .teams: "teams+https://….logic.azure.com/workflows/…"
        case .gitlab: "gitlab+https://gitlab.example.com/group/project/alerts/notify/…"
        case .healthchecks: "healthchecks+https://hc-ping.com/<ping key>"
        }
    }

    /// What is wrong with a channel's secret, as the end of a sentence; nil: nothing. `secret` nil: there is
    /// none.
    func objection(to secret: String?) -> String? {
        switch (self, secret) {
        case (.gitlab, nil): "needs the endpoint's authorization key in this variable"
        case (.gitlab, let secret?):
            secret.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
                ? nil : "is no authorization key: one word of printable ASCII is needed"
        case (.json, let secret?):
            WebhookSignature.key(secret) == nil ? "is not Base64 after its whsec_" : nil
        case (_, nil): nil
        default: "has no use: only json and gitlab channels have a secret"
        }
    }
}
