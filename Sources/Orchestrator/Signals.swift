import Glibc
import Scheduling
import Synchronization

/// SIGTERM and SIGINT end the process; the second one ends it at once. SIGHUP makes it read the job files again.
///
/// A thread of its own waits for signals. It needs nothing that may be stuck: no disk, no log, no GitLab, no memory, no
/// other thread. It keeps the signals that come before there is a loop.
public final class Signals: Sendable {
    /// The process ends this long after the first signal, whatever delays it: 1 s before the 8 s that are promised.
    private static let patience = Duration.seconds(7)

    private struct State {
        var inbox: Inbox?
        var kept: [Message] = []
        var wasAskedToEnd = false
    }

    private let state = Mutex(State())

    /// Blocks these signals, so that they wait. Call it first, so that no signal ends a scheduling process before it
    /// can listen.
    public static func hold() {
        var set = set
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// From here on these signals end the process, as in any other program. Signals that waited end it, too.
    public static func release() {
        var set = set
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    /// Call it before the process has a second thread: each new thread inherits the blocked signals.
    public init() {
        // When a reader has gone, the write fails; without this the scheduler would end.
        signal(SIGPIPE, SIG_IGN)
        Self.hold()
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, nil,
            { raw in
                if let raw { Unmanaged<Signals>.fromOpaque(raw).takeRetainedValue().listen() }
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        // Without that thread, the signals end the process as they end any other.
        if failure != 0 { Self.release() }
    }

    /// Whether the process was asked to end.
    public var haveAskedToEnd: Bool { state.withLock { $0.wasAskedToEnd } }

    /// Gives the loop the signals that came so far and those still to come.
    func tell(_ inbox: Inbox) {
        state.withLock { state in
            state.inbox = inbox
            state.kept.forEach(inbox.post)
            state.kept = []
        }
    }

    private func listen() {
        while true {
            let number = Self.next(within: nil)
            if number == SIGHUP { post(.reload) } else if let number { return end(number) }
        }
    }

    private func end(_ first: Int32) {
        state.withLock { $0.wasAskedToEnd = true }
        post(.event(.terminated(signal: first == SIGINT ? "SIGINT" : "SIGTERM")))
        let deadline = ClockReading.currentUptime() + Self.patience
        while true {
            let rest = deadline - ClockReading.currentUptime()
            // Nothing is lost: the ledger is durable, and the next start finds the rest.
            guard rest > .zero else { _exit(128 + first) }
            if let second = Self.next(within: rest), second != SIGHUP { _exit(128 + second) }
        }
    }

    private func post(_ message: Message) {
        state.withLock { state in
            guard let inbox = state.inbox else { return state.kept.append(message) }
            inbox.post(message)
        }
    }

    /// The next signal; nil if none came in time, or if the wait was interrupted.
    private static func next(within patience: Duration?) -> Int32? {
        var set = set
        guard let patience else {
            var number: Int32 = 0
            return sigwait(&set, &number) == 0 ? number : nil
        }
        let (seconds, attoseconds) = patience.components
        var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        let number = sigtimedwait(&set, nil, &time)
        return number > 0 ? number : nil
    }

    private static var set: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&set, number) }
        return set
    }
}
