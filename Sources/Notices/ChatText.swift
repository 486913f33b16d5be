import Scheduling
import Text

/// Texts for chats: names and reasons come from job files and from GitLab, so a chat must find no markup, no
/// mention and no link in them.
enum ChatText {
    /// A character with its neighbors, because some are markup only in company.
    struct Place {
        var before: Unicode.Scalar?
        var scalar: Unicode.Scalar
        var after: Unicode.Scalar?

        /// Between two letters or digits: the `_` of `nightly_export`.
        var isInsideWord: Bool {
            before?.properties.isAlphabetic ?? false || before?.isDigit ?? false
                ? after.map { $0.properties.isAlphabetic || $0.isDigit } ?? false : false
        }

        /// The sign between job and fire time, which mentions nobody: a reader may want to copy the run id.
        var isInsideRunID: Bool { scalar == "@" && isInsideWord }

        /// Before something that it may begin: the colon of `:smile:` and of `https://`, but not of `03:00`
        /// or `failed: `.
        var isBeforeWord: Bool { after.map { $0 != " " && !$0.isDigit } ?? false }
    }

    /// Shows nothing, and separates a sign from what would make it markup.
    static let gap = "\u{200B}"

    /// The characters of the text, each escaped. A cut between two of them leaves no half escape.
    static func pieces(_ text: String, escape: (Place) -> String) -> [String] {
        let text = text.printable()
        let scalars = Array(text.unicodeScalars)
        var position = 0
        return text.map { character in
            character.unicodeScalars.reduce(into: "") { piece, scalar in
                let before = position > 0 ? scalars[position - 1] : nil
                position += 1
                let after = position < scalars.count ? scalars[position] : nil
                piece += escape(Place(before: before, scalar: scalar, after: after))
            }
        }
    }

    /// The pieces as one text of at most `limit` UTF-16 units. A longer text ends in an ellipsis.
    static func text(_ pieces: [String], limit: Int) -> String {
        let whole = pieces.joined()
        guard whole.utf16.count > limit else { return whole }
        var rest = limit - 1
        return pieces.prefix { piece in
            rest -= piece.utf16.count
            return rest >= 0
        }.joined() + "…"
    }
}

extension Unicode.Scalar {
    var isDigit: Bool { ("0"..."9").contains(self) }
}

/// The lines of a message in a chat.
struct ChatMessage {
    /// In UTF-16 units: of all lines, of one line of a digest, and what the chat's form of a line costs
    /// besides.
    var limit: Int
    var lineCost = 1
    var escape: (ChatText.Place) -> String

    private static let longestLine = 300
    /// For "and 1234567 more".
    private static let lastLine = 40

    /// One message has one line; several are a digest: their number and a line each, as many as there is room
    /// for.
    func lines(_ messages: [OutboxMessage]) -> [String] {
        guard messages.count != 1 else { return messages.map { line($0, limit: limit) } }
        var lines = ["\(messages.count) notices:"]
        var rest = limit - lineCost - lines[0].utf16.count - Self.lastLine - lineCost
        for (index, message) in messages.enumerated() {
            let line = "• " + line(message, limit: Self.longestLine)
            rest -= line.utf16.count + lineCost
            guard rest >= 0 else { return lines + ["and \(messages.count - index) more"] }
            lines.append(line)
        }
        return lines
    }

    private func line(_ message: OutboxMessage, limit: Int) -> String {
        ChatText.text(ChatText.pieces(message.text, escape: escape), limit: limit)
    }
}

extension OutboxMessage {
    /// The pipeline's page, if it is plainly a web address: a chat must not find markup in it. nil for all
    /// others.
    var safeURL: String? {
        guard let url, url.hasPrefix("https://") || url.hasPrefix("http://"), url.utf8.count <= 1_000,
            url.utf8.allSatisfy({ $0.isLetter || $0.isDigit || "-._/:?=&%#+,~".utf8.contains($0) })
        else { return nil }
        return url
    }
}

extension [OutboxMessage] {
    /// The page of the only message. A digest has no links: there is no room for them.
    var onlyURL: String? { count == 1 ? first?.safeURL : nil }
}
