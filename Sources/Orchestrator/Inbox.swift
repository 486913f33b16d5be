import Scheduling
import Synchronization

/// Where answers, alarms and signals wait for the loop. Any thread may post.
///
/// The loop takes all waiting messages at once. While it waits for the disk, answers gather, and their outcomes become
/// one transaction.
final class Inbox: Sendable {
    private struct State {
        var messages: [Message] = []
        var reader: CheckedContinuation<[Message], Never>?
    }

    private let state = Mutex(State())

    func post(_ message: Message) {
        let reader = state.withLock { state -> CheckedContinuation<[Message], Never>? in
            state.messages.append(message)
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: take())
    }

    /// Waits until there is a message, and takes all of them. Only one reader may wait.
    func next() async -> [Message] {
        await withCheckedContinuation { continuation in
            let messages = state.withLock { state -> [Message] in
                defer { state.messages.removeAll(keepingCapacity: true) }
                if state.messages.isEmpty { state.reader = continuation }
                return state.messages
            }
            if !messages.isEmpty { continuation.resume(returning: messages) }
        }
    }

    var isEmpty: Bool { state.withLock { $0.messages.isEmpty } }

    /// Takes all waiting messages; there may be none.
    func take() -> [Message] {
        state.withLock { state in
            defer { state.messages.removeAll(keepingCapacity: true) }
            return state.messages
        }
    }
}

/// A message to the loop.
enum Message: Sendable {
    case event(Event)
    /// The answer to a request of a scheduler. If the number is not the latest, another scheduler has replaced it.
    case answer(Event, to: Int)
    /// A request to read the job files again.
    case reload
}

/// A request on its way, with what the process needs to perform it and to match its answer.
struct Errand: Sendable {
    let request: Request
    /// When the scheduler decided it, in uptime.
    let decidedAt: Duration
    /// Which scheduler of this process asked for it.
    let scheduler: Int
}
