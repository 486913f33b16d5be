import CivilTime
import Scheduling
import Text

/// CloudEvents 1.0 in the structured form of JSON, signed by Standard Webhooks if the channel has a secret.
enum CloudEvent {
    /// In bytes. CloudEvents of up to 64 KiB get through everywhere; the run's data needs some of it.
    private static let longestText = 16_384

    static func render(
        _ message: OutboxMessage, source: String, secret: String?, at now: Instant
    ) -> Rendered {
        let body = body(of: message, source: source)
        var headers = [("Content-Type", "application/cloudevents+json; charset=utf-8")]
        if let key = secret.flatMap(WebhookSignature.key) {
            headers += WebhookSignature.headers(id: message.id, body: body, key: key, at: now)
        }
        return Rendered(headers: headers, body: body)
    }

    private static func body(of message: OutboxMessage, source: String) -> [UInt8] {
        var writer = JSONWriter(.compact)
        writer.object {
            $0.member("specversion", "1.0")
            $0.member("id", message.id)
            $0.member("source", source)
            $0.member("type", message.kind.rawValue)
            // CloudEvents allows no control characters in attributes.
            $0.member("subject", message.subject.printable())
            $0.member("time", message.at.rfc3339Milliseconds)
            $0.member("datacontenttype", "application/json")
            $0.member("text", message.text.printable().prefix(bytes: longestText))
            $0.name("data")
            $0.raw(message.data.isEmpty ? "null" : message.data)
        }
        return writer.bytes
    }
}

/// The headers by which a receiver can tell that a message is ours and new (standardwebhooks.com).
enum WebhookSignature {
    private static let prefix = "whsec_"

    /// The bytes of a secret; nil if its Base64 is none.
    static func key(_ secret: String) -> [UInt8]? {
        guard secret.hasPrefix(prefix) else { return Array(secret.utf8) }
        let key = Base64.bytes(secret.dropFirst(prefix.count))
        return key?.isEmpty == true ? nil : key
    }

    /// The timestamp is that of this try, because receivers refuse old ones.
    static func headers(
        id: String, body: [UInt8], key: [UInt8], at now: Instant
    ) -> [(name: String, value: String)] {
        let signed = Array("\(id).\(now.seconds).".utf8) + body
        let signature = Base64.text(Hashes.hmacSHA256(signed, key: key))
        return [
            ("webhook-id", id), ("webhook-timestamp", "\(now.seconds)"),
            ("webhook-signature", "v1,\(signature)"),
        ]
    }
}
