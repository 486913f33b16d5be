@preconcurrency import Dispatch

/// Runs tasks on a Dispatch queue of their own instead of the shared threads. Once Dispatch has shared threads, it
/// wakes up every second, for the life of the process, to check whether they are enough.
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
