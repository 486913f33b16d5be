import Scheduling
import Text

/// The form of Slack's incoming webhooks, which Mattermost understands, too.
///
/// Slack has no escape for its markup, and Mattermost's would be seen in Slack. So signs of markup are
/// replaced by similar ones, and an invisible gap stands behind signs that begin a mention, a link or an
/// emoji.
enum SlackBody {
    /// In UTF-16 units. Mattermost takes 16,383 characters, Slack cuts at 40,000.
    private static let limit = 12_000

    static func render(_ messages: [OutboxMessage]) -> Rendered {
        var lines = ChatMessage(limit: limit, escape: escape).lines(messages)
        if let url = messages.onlyURL { lines.append("<\(url.escapingEntities)>") }
        let body = JSONValue.object([("text", .string(lines.joined(separator: "\n")))])
        return Rendered(body: body.bytes(.compact))
    }

    private static func escape(_ place: ChatText.Place) -> String {
        switch place.scalar {
        case "&", "<", ">": String(place.scalar).escapingEntities
        case "*": "\u{2217}"
        case "`": "\u{02CB}"
        case "~": "\u{223C}"
        case "_": place.isInsideWord ? "_" : "\u{02CD}"
        case "@" where place.isInsideRunID: "@"
        case "@", "#", "!", "]", "$": String(place.scalar) + ChatText.gap
        case ":" where place.isBeforeWord: ":" + ChatText.gap
        default: String(place.scalar)
        }
    }
}

extension String {
    /// With the three signs replaced that are special in Slack's texts.
    fileprivate var escapingEntities: String {
        unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
