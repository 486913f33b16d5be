import Synchronization

/// Runs tasks on the thread of the test, one piece at a time and only when told to. So the test decides in which order
/// asynchronous work happens.
public final class VirtualExecutor: TaskExecutor {
    private let waiting = Mutex<[UnownedJob]>([])

    public init() {}

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        waiting.withLock { $0.append(job) }
    }

    /// Runs until every task waits for something.
    public func drain() {
        while true {
            let jobs = waiting.withLock { waiting in
                defer { waiting.removeAll(keepingCapacity: true) }
                return waiting
            }
            guard !jobs.isEmpty else { return }
            for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
        }
    }
}
