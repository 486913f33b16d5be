import Scheduling
import Text

/// An adaptive card for a webhook of Teams' Workflows. The texts are text runs, in which Teams knows no
/// markup.
enum TeamsCard {
    /// In UTF-16 units. Teams refuses messages above some 21 kB, a unit takes up to three bytes (or two,
    /// escaped), and the form of a line some hundred.
    private static let limit = 6_000
    private static let lineCost = 50

    static func render(_ messages: [OutboxMessage]) -> Rendered {
        let lines = ChatMessage(limit: limit, lineCost: lineCost) { String($0.scalar) }.lines(messages)
        var card: [(key: String, value: JSONValue)] = [
            ("$schema", .string("http://adaptivecards.io/schemas/adaptive-card.json")),
            ("type", .string("AdaptiveCard")), ("version", .string("1.2")),
            ("body", .array(lines.map(block))),
        ]
        if let url = messages.onlyURL {
            let action: [(key: String, value: JSONValue)] = [
                ("type", .string("Action.OpenUrl")), ("title", .string("Pipeline")), ("url", .string(url)),
            ]
            card.append(("actions", .array([.object(action)])))
        }
        let attachment: [(key: String, value: JSONValue)] = [
            ("contentType", .string("application/vnd.microsoft.card.adaptive")), ("content", .object(card)),
        ]
        let body = JSONValue.object([
            ("type", .string("message")), ("attachments", .array([.object(attachment)])),
        ])
        return Rendered(body: body.bytes(.compact))
    }

    private static func block(_ line: String) -> JSONValue {
        .object([
            ("type", .string("RichTextBlock")),
            (
                "inlines",
                .array([.object([("type", .string("TextRun")), ("text", .string(line))])])
            ),
        ])
    }
}
