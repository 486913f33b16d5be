@preconcurrency import Dispatch
import Glibc
import Synchronization
public import SystemPackage

/// Writes lines to a file descriptor from a queue of its own. When nobody reads them (a full pipe, a stopped terminal),
/// the outlet does not hold up its user. It drops lines then, and counts them.
public final class Outlet: Sendable {
    /// Bytes that may wait for a reader.
    private static let capacity = 4 << 20

    private struct Waiting {
        var text = ""
        var dropped = 0
        var isBeingWritten = false
    }

    private let descriptor: FileDescriptor
    private let dropNote: @Sendable (Int) -> String
    private let onFailure: @Sendable (Errno) -> Void
    private let waiting = Mutex(Waiting())
    private let queue = DispatchQueue(label: "orchestrate.outlet")

    /// - Parameters:
    ///   - dropNote: makes the line, with its line end, that tells how many lines were dropped.
    ///   - onFailure: learns why lines could not be written. They are lost.
    public init(
        _ descriptor: FileDescriptor, dropNote: @escaping @Sendable (Int) -> String,
        onFailure: @escaping @Sendable (Errno) -> Void = { _ in }
    ) {
        self.descriptor = descriptor
        self.dropNote = dropNote
        self.onFailure = onFailure
    }

    /// Takes whole lines, each with its line end. The outlet writes all with one system call, which is most of their
    /// cost.
    public func write(_ lines: String, count: Int) {
        let beginsWriting = waiting.withLock { waiting in
            // When nothing waits, the outlet takes the lines, however long they are.
            guard waiting.text.isEmpty || waiting.text.utf8.count + lines.utf8.count <= Self.capacity else {
                waiting.dropped += count
                return false
            }
            if waiting.dropped > 0 { waiting.text += dropNote(waiting.dropped) }
            waiting.dropped = 0
            waiting.text += lines
            defer { waiting.isBeingWritten = true }
            return !waiting.isBeingWritten
        }
        if beginsWriting { queue.async { self.writeAll() } }
    }

    /// Waits until everything is written, but not longer than `patience`; nil: as long as it takes.
    public func finish(within patience: Duration?) {
        let isDone = DispatchSemaphore(value: 0)
        queue.async { isDone.signal() }
        guard let patience else { return isDone.wait() }
        _ = isDone.wait(timeout: .now() + .milliseconds(Int(patience / .milliseconds(1))))
    }

    private func writeAll() {
        while let text = next() { write(text) }
    }

    private func next() -> String? {
        waiting.withLock { waiting in
            if waiting.text.isEmpty, waiting.dropped > 0 {
                waiting.text = dropNote(waiting.dropped)
                waiting.dropped = 0
            }
            waiting.isBeingWritten = !waiting.text.isEmpty
            defer { waiting.text = "" }
            return waiting.isBeingWritten ? waiting.text : nil
        }
    }

    private func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            do {
                let count = try rest.withUnsafeBytes { try descriptor.write($0) }
                rest = rest.dropFirst(count)
            } catch Errno.wouldBlock {
                // Another process has made the descriptor non-blocking.
                var wanted = pollfd(fd: descriptor.rawValue, events: Int16(POLLOUT), revents: 0)
                poll(&wanted, 1, -1)
            } catch {
                return onFailure(error as? Errno ?? .ioError)
            }
        }
    }
}
