import Scheduling
import Text

/// An alert for GitLab's HTTP endpoint. All alerts of a job have one fingerprint, so that GitLab counts them
/// as one, and resolves it when the job has recovered.
enum GitLabAlert {
    /// In characters: GitLab's limits.
    private static let longest = (title: 200, description: 1_000, service: 100)

    static func render(_ message: OutboxMessage, source: String) -> Rendered {
        let subject = message.job ?? "scheduler"
        var members: [(key: String, value: JSONValue)] = [
            ("title", .string(text("\(subject): \(message.kind.word)", longest.title))),
            ("description", .string(text(message.text, longest.description))),
            ("severity", .string(message.kind.severity)),
            ("service", .string(text(subject, longest.service))),
            ("hosts", .array([.string(source)])),
            ("monitoring_tool", .string("orchestrate")),
            ("fingerprint", .string(fingerprint(of: message, source: source))),
            ("start_time", .string(message.at.rfc3339)),
        ]
        if message.kind == .recovered { members.append(("end_time", .string(message.at.rfc3339))) }
        members += [
            ("event", .string(message.kind.rawValue)), ("event_id", .string(message.id)),
            ("run_id", JSONValue(message.job == nil ? nil : message.subject.printable())),
            ("pipeline_url", JSONValue(message.safeURL)),
        ]
        return Rendered(body: JSONValue.object(members).bytes(.compact))
    }

    /// Of the scheduler's own messages, the same for each message of a kind.
    private static func fingerprint(of message: OutboxMessage, source: String) -> String {
        NameUUID.text("alert \(source) \(message.job.map { "job \($0)" } ?? message.kind.rawValue)")
    }

    /// An incident shows the texts as Markdown: without the gaps, they could mention people, and refer to
    /// issues.
    private static func text(_ text: String, _ limit: Int) -> String {
        let pieces = ChatText.pieces(text) { place in
            let isSign = "@#!~%&$]".unicodeScalars.contains(place.scalar) && !place.isInsideRunID
            return String(place.scalar) + (isSign && place.isBeforeSomething ? ChatText.gap : "")
        }
        return ChatText.text(pieces, limit: limit)
    }
}

extension ChatText.Place {
    fileprivate var isBeforeSomething: Bool { after.map { $0 != " " } ?? false }
}

extension OutboxMessage.Kind {
    /// For a title, after the name of the job or `scheduler`.
    fileprivate var word: String {
        switch self {
        case .failed, .pingFail: "failed"
        case .recovered: "recovered"
        case .missed: "missed"
        case .refused: "refused by GitLab"
        case .blocked: "waits for a person"
        case .late: "late"
        case .tokenExpires: "the token expires"
        case .ledgerPutAside: "the ledger was put aside"
        case .reloadRefused: "the job files were refused"
        case .noSuccessor: "no successor"
        case .anotherScheduler: "another scheduler is at work"
        case .pingStart: "started"
        case .pingSuccess: "succeeded"
        case .pingLog: "note"
        case .test: "test"
        }
    }

    fileprivate var severity: String {
        switch self {
        case .failed, .missed, .refused, .ledgerPutAside, .noSuccessor, .pingFail: "high"
        case .blocked, .late, .tokenExpires, .reloadRefused, .anotherScheduler: "medium"
        case .recovered, .pingStart, .pingSuccess, .pingLog, .test: "info"
        }
    }
}
