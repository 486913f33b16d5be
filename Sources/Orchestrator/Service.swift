import Cron
@preconcurrency import Dispatch
import GitLab
import JobFiles
import Ledger
public import Scheduling

/// A scheduling process: job files, ledger, GitLab, clock and signals around the loop.
public struct Service: Sendable {
    let settings: Settings
    let log: Log
    let readJobs: @Sendable () throws(JobFileProblems) -> [Job]
    let openLedger: @Sendable () throws(LedgerError) -> Ledger
    /// Performs an effect; its answer, if it has one.
    let answer: @Sendable (Errand) async -> Event?
    /// Called when all is over.
    let close: @Sendable () async -> Void

    /// Schedules until it is told to stop, is superseded, or has done what its mode says.
    ///
    /// Everything runs on one Dispatch queue, where waiting for the disk keeps nobody else waiting.
    public func run() async throws -> Ending {
        let queue = DispatchQueue(label: "orchestrate.loop", qos: .userInitiated)
        let executor = QueueExecutor(queue)
        do {
            let ending = try await withTaskExecutorPreference(executor) { try await loop(on: queue) }
            await close()
            return ending
        } catch {
            await close()
            throw error
        }
    }

    private func loop(on queue: DispatchQueue) async throws -> Ending {
        let inbox = Inbox()
        let alarm = Alarm(queue: queue) { inbox.post(.event(.woke)) }
        let signals = Signals(queue: queue, inbox: inbox)
        defer { withExtendedLifetime(signals) {} }
        let jobs = try readJobs()
        let ledger = try openLedger()
        let started = Started()
        // Only a CI job's log has a limit.
        if settings.instance != nil { started.budget = LogBudget(at: .clock()) }
        let world = Loop.World(
            clock: ClockReading.now, start: { started.errands.append($0) },
            arm: { wake, now in
                started.wakesAtOnce = wake.map { $0 <= now } ?? false
                if !started.wakesAtOnce { alarm.set(for: wake, now: now) }
            },
            log: { notice, now in
                for line in started.budget?.lines(for: notice, at: now) ?? [notice] {
                    log.write(line, at: now)
                }
            },
            isIdle: { inbox.isEmpty }, readJobs: { readAgain() })
        var loop = try Loop(ledger: ledger, settings: settings, jobs: jobs, world: world)
        let ending = await drive(&loop, inbox, started)
        try ledger.close(at: ending.ledgerIsWhole ? .clock() : nil)
        return ending
    }

    /// Steps until the end. What is under way then is not waited for: what matters has been.
    private func drive(_ loop: inout Loop, _ inbox: Inbox, _ started: Started) async -> Ending {
        await withDiscardingTaskGroup { group in
            var messages = [Message.event(.woke)]
            while true {
                let ending = loop.step(messages)
                for errand in started.take() {
                    // Not on the loop's queue: requests are built and read while the loop waits for the disk.
                    group.addTask(executorPreference: globalConcurrentExecutor) {
                        if let event = await answer(errand) {
                            inbox.post(.answer(event, to: errand.scheduler))
                        }
                    }
                }
                if let ending {
                    group.cancelAll()
                    return ending
                }
                messages = started.wakesAtOnce ? inbox.take() + [.event(.woke)] : await inbox.next()
            }
        }
    }

    /// What a step asked for.
    private final class Started {
        var errands: [Errand] = []
        /// What the log may still hold; nil: as much as it likes.
        var budget: LogBudget?
        /// There is more to do now, without waiting for an alarm or an answer.
        var wakesAtOnce = false

        func take() -> [Errand] {
            defer { errands.removeAll(keepingCapacity: true) }
            return errands
        }
    }

    /// The job files anew; a bad set is told about, and the running one is kept.
    private func readAgain() -> [Job]? {
        do throws(JobFileProblems) {
            return try readJobs()
        } catch {
            for problem in error.problems where problem.severity == .error {
                log.write(Notice(.error, "jobs", problem.oneLine), at: .clock())
            }
            let words = "the job files are not good; the jobs stay as they are"
            log.write(Notice(.error, "jobs", words), at: .clock())
            return nil
        }
    }
}

/// Runs the loop's task on a Dispatch queue instead of the shared thread pool.
private final class QueueExecutor: TaskExecutor {
    private let queue: DispatchQueue

    init(_ queue: DispatchQueue) {
        self.queue = queue
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
