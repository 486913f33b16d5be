import CivilTime
@preconcurrency import Dispatch
import Glibc
public import Scheduling
import Synchronization

/// Keeps a file of metrics up to date, for the textfile collector of node_exporter. It renders and writes on a queue of
/// its own, so that neither ten thousand jobs nor a slow disk hold up the loop.
public final class MetricsFile: Sendable {
    /// Prometheus asks no more often than this.
    private static let pause = Duration.seconds(15)
    /// A disk that is full stays so for hours, and one line an hour is enough.
    private static let betweenComplaints = Duration.seconds(3_600)

    private struct State {
        /// When the file may be written again, and when an error may be logged again, in uptime.
        var writeAt = Duration.zero
        var complainAt = Duration.zero
        var isWriting = false
    }

    private let path: String
    private let log: @Sendable (Notice) -> Void
    private let state = Mutex(State())
    /// Nothing but a test waits for it.
    let queue = DispatchQueue(label: "orchestrate.metrics")

    /// `log` gets what keeps the file from being written.
    public init(path: String, log: @escaping @Sendable (Notice) -> Void) {
        self.path = path
        self.log = log
    }

    /// Whether the file is old enough to be written anew. Asked before the metrics are brought up to date for it.
    public func isDue(at reading: ClockReading) -> Bool {
        state.withLock { !$0.isWriting && reading.uptime >= $0.writeAt }
    }

    /// Writes the file, if it is due. Returns at once.
    public func offer(_ metrics: Metrics, at reading: ClockReading) {
        let begins = state.withLock { state in
            guard !state.isWriting, reading.uptime >= state.writeAt else { return false }
            state.isWriting = true
            state.writeAt = reading.uptime + Self.pause
            return true
        }
        if begins { queue.async { self.write(metrics, at: reading) } }
    }

    /// Writes the file for the last time, due or not. Waits for that no longer than `patience`.
    public func finish(_ metrics: Metrics, at reading: ClockReading, within patience: Duration) {
        let isDone = DispatchSemaphore(value: 0)
        queue.async {
            self.write(metrics, at: reading)
            isDone.signal()
        }
        _ = isDone.wait(timeout: .now() + .milliseconds(Int(patience / .milliseconds(1))))
    }

    private func write(_ metrics: Metrics, at reading: ClockReading) {
        let problem = Self.replace(path, with: metrics.text(at: reading.wall))
        let isTold = state.withLock { state in
            state.isWriting = false
            guard problem != nil, reading.uptime >= state.complainAt else { return false }
            state.complainAt = reading.uptime + Self.betweenComplaints
            return true
        }
        guard let problem, isTold else { return }
        log(Notice(.warning, "metrics", "the metrics file \(path) cannot be written: \(problem)"))
    }

    /// Writes a file beside and renames it, so that nobody reads half of it. Returns what went wrong.
    private static func replace(_ path: String, with bytes: [UInt8]) -> String? {
        var status = stat()
        // A rename would replace a device or a link itself.
        if lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            return "it is not a regular file"
        }
        // The collector reads `*.prom` only. Another process may write the same file.
        let other = "\(path).\(getpid())"
        unlink(other)
        let descriptor = open(other, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return reason() }
        var problem = fill(descriptor, with: bytes)
        if close(descriptor) != 0, problem == nil { problem = reason() }
        if problem == nil, rename(other, path) != 0 { problem = reason() }
        if problem != nil { unlink(other) }
        return problem
    }

    private static func fill(_ descriptor: Int32, with bytes: [UInt8]) -> String? {
        // The collector is another user, whatever the umask says.
        guard fchmod(descriptor, 0o644) == 0 else { return reason() }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return reason() }
            rest = rest.dropFirst(count)
        }
        return nil
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
}
