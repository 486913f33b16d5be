import Glibc
import Scheduling
import Synchronization

/// SIGTERM and SIGINT end the process, the second one at once; SIGHUP reads the job files again.
///
/// A thread of its own waits for them and needs nothing that may be stuck: no disk, no log, no GitLab, no memory, no
/// other thread. What comes before there is a loop is kept for it.
public final class Signals: Sendable {
    /// So long after the first signal the process ends, whatever keeps it: a second before the 8 that are promised.
    private static let patience = Duration.seconds(7)

    private struct State {
        var inbox: Inbox?
        var kept: [Message] = []
        var wasAskedToEnd = false
    }

    private let state = Mutex(State())

    /// Keeps the signals waiting. To be called first of all: a process that is to schedule does not end by a signal
    /// that comes before it can listen.
    public static func hold() {
        var set = set
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// From here on they end the process, as they do with any other; those that waited, too.
    public static func release() {
        var set = set
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    /// To be called before the process has a second thread: each thread inherits from the one that begins it that these
    /// signals are not its own.
    public init() {
        // A reader that went away shows as an error of write, not as the end of the scheduler.
        signal(SIGPIPE, SIG_IGN)
        Self.hold()
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, nil,
            { raw in
                if let raw { Unmanaged<Signals>.fromOpaque(raw).takeRetainedValue().listen() }
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        // Without a thread the signals do what they do to any process: they end it.
        if failure != 0 { Self.release() }
    }

    /// Whether the process was asked to end.
    public var haveAskedToEnd: Bool { state.withLock { $0.wasAskedToEnd } }

    /// Tells a loop what has come and what comes.
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
            // Nothing is lost: what is in the ledger is durable, the rest is found by the next start.
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

    /// The next signal; nil where none came in time, or the wait was interrupted.
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
