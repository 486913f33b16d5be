import Scheduling
import Text

/// The form of Discord's webhooks. `allowed_mentions` without any kind mentions nobody, whatever the text
/// says.
enum DiscordBody {
    /// Discord refuses a message with more characters.
    private static let limit = 2_000

    static func render(_ messages: [OutboxMessage]) -> Rendered {
        // In angle brackets, Discord shows no preview of the page.
        let link = messages.onlyURL.map { "<\($0)>" }
        let room = limit - (link.map { $0.utf16.count + 1 } ?? 0)
        let lines = ChatMessage(limit: room, escape: escape).lines(messages) + (link.map { [$0] } ?? [])
        let body = JSONValue.object([
            ("content", .string(lines.joined(separator: "\n"))),
            ("allowed_mentions", .object([("parse", .array([]))])),
        ])
        return Rendered(body: body.bytes(.compact))
    }

    private static func escape(_ place: ChatText.Place) -> String {
        switch place.scalar {
        case "@" where place.isInsideRunID: "@"
        case "\\", "*", "~", "`", "|", "<", ">", "[", "]", "(", ")", "@", "#": "\\" + String(place.scalar)
        case "_": place.isInsideWord ? "_" : "\\_"
        case ":" where place.isBeforeWord: "\\:"
        // At its beginning, they would make the text a list.
        case "-", "+": place.before == nil ? "\\" + String(place.scalar) : String(place.scalar)
        default: String(place.scalar)
        }
    }
}
