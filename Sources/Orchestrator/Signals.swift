@preconcurrency import Dispatch
import Glibc
import Scheduling
import Synchronization

/// SIGTERM and SIGINT end the process, the second one at once; SIGHUP reads the job files again.
final class Signals {
    private let sources: [any DispatchSourceSignal]

    init(queue: DispatchQueue, inbox: Inbox) {
        let first = FirstSignal()
        sources = [
            Self.source(SIGTERM, queue) { first.ask("SIGTERM", SIGTERM, inbox) },
            Self.source(SIGINT, queue) { first.ask("SIGINT", SIGINT, inbox) },
            Self.source(SIGHUP, queue) { inbox.post(.reload) },
        ]
        // A reader that went away shows as an error of write, not as the end of the scheduler.
        signal(SIGPIPE, SIG_IGN)
    }

    private static func source(
        _ number: Int32, _ queue: DispatchQueue, _ act: @escaping @Sendable () -> Void
    ) -> any DispatchSourceSignal {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
        source.setEventHandler(handler: act)
        source.activate()
        return source
    }

    deinit { sources.forEach { $0.cancel() } }

    /// Remembers whether the process was asked to end before.
    private final class FirstSignal: Sendable {
        private let wasAsked = Atomic(false)

        func ask(_ name: String, _ number: Int32, _ inbox: Inbox) {
            guard !wasAsked.exchange(true, ordering: .relaxed) else {
                // Nothing is lost: what is in the ledger is durable, the rest is found by the next start.
                _exit(128 + number)
            }
            inbox.post(.event(.terminated(signal: name)))
        }
    }
}
