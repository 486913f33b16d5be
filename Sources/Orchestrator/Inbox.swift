import Scheduling
import Synchronization

/// Where answers, alarms and signals wait for the loop, from whatever thread they come.
///
/// The loop takes everything that has arrived at once: while it waits for the disk, answers gather, and
/// their outcomes become one transaction.
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

    /// Everything that has arrived; waits until there is something. One reader only.
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

    /// Everything that has arrived, which may be nothing.
    func take() -> [Message] {
        state.withLock { state in
            defer { state.messages.removeAll(keepingCapacity: true) }
            return state.messages
        }
    }
}

/// What reaches the loop.
enum Message: Sendable {
    case event(Event)
    /// The answer to a request of a scheduler, which has another in its place by now if the number is not the latest.
    case answer(Event, to: Int)
    /// A request to read the job files again.
    case reload
}

/// A request on its way, with what has to be known when it is performed and answered.
struct Errand: Sendable {
    let request: Request
    /// When it was decided, on the clock that nobody sets.
    let decidedAt: Duration
    /// Which of the schedulers of this process asked for it.
    let scheduler: Int
}
