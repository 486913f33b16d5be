@preconcurrency import Dispatch

/// Runs tasks on a Dispatch queue of their own instead of the shared threads. As soon as Dispatch has such threads, it
/// wakes up every second to look whether they are enough, as long as the process lives.
public final class QueueExecutor: TaskExecutor {
    let queue: DispatchQueue

    public init(_ name: String) {
        queue = DispatchQueue(label: name, qos: .userInitiated)
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
