import CivilTime
import Foundation
import Scheduling
import Testing

@testable import Notices

let fireTime = Instant(seconds: 1_796_007_600)

func message(
    _ kind: OutboxMessage.Kind = .failed, job: String? = "nightly", text: String? = nil,
    data: String = #"{"job":"nightly","state":"failed"}"#,
    url: String? = "https://gitlab.example.com/g/p/-/pipelines/7"
) -> OutboxMessage {
    let name = job ?? "the scheduler"
    return OutboxMessage(
        kind, to: "ops", subject: job.map { "\($0)@\(fireTime.rfc3339)" } ?? "token 2026-12-01", job: job,
        at: fireTime.advanced(by: .seconds(90)), text: text ?? "\(name) of 03:00 failed: script failure",
        data: data, url: url)
}

/// The one request for these messages.
func rendered(
    _ service: Service, _ messages: [OutboxMessage], secret: String? = nil
) throws -> Rendered {
    let renderer = Renderer(service: service, secret: secret, project: "4242")
    let requests = renderer.requests(for: messages, at: fireTime)
    #expect(requests.count == 1)
    return try #require(requests.first)
}

func body(_ service: Service, _ messages: OutboxMessage...) throws -> String {
    String(decoding: try rendered(service, messages).body, as: UTF8.self)
}

/// The body as a parser of somebody else reads it.
func object(_ service: Service, _ messages: [OutboxMessage]) throws -> [String: Any] {
    let body = try rendered(service, messages).body
    return try #require(try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any])
}

/// The text that a chat shows.
func shown(_ service: Service, _ messages: [OutboxMessage]) throws -> String {
    let object = try object(service, messages)
    switch service {
    case .discord: return try #require(object["content"] as? String)
    case .teams:
        let attachments = try #require(object["attachments"] as? [[String: Any]])
        let card = try #require(attachments.first?["content"] as? [String: Any])
        let blocks = try #require(card["body"] as? [[String: Any]])
        let runs = blocks.compactMap { ($0["inlines"] as? [[String: String]])?.first?["text"] }
        return runs.joined(separator: "\n")
    default: return try #require(object["text"] as? String)
    }
}
