import CMalloc
import CivilTime
@preconcurrency import Dispatch
import GitLab
import HTTP
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
    /// Takes the token that there is now; what is wrong with it.
    let readToken: @Sendable () -> [String]
    /// Where that is done best; nil: right away, by the loop itself.
    let takeLoop: @Sendable () -> ClientLoop?
    /// Called when all is over.
    let close: @Sendable () async -> Void

    /// Schedules until it is told to stop, is superseded, or has done what its mode says.
    ///
    /// Everything runs on one Dispatch queue, where waiting for the disk keeps nobody else waiting.
    public func run(_ signals: Signals? = nil) async throws -> Ending {
        let executor = QueueExecutor("orchestrate.loop")
        defer { log.finish() }
        do {
            let ending = try await withTaskExecutorPreference(executor) {
                try await loop(on: executor.queue, signals)
            }
            await close()
            return ending
        } catch {
            await close()
            throw error
        }
    }

    private func loop(on queue: DispatchQueue, _ signals: Signals?) async throws -> Ending {
        let inbox = Inbox()
        let alarm = Alarm(queue: queue) { inbox.post(.event(.woke)) }
        signals?.tell(inbox)
        let jobs = try readJobs()
        let ledger = try openLedger()
        let started = Started()
        // Only a CI job's log has a limit.
        if settings.instance != nil { started.budget = LogBudget(at: .clock()) }
        let surroundings = Surroundings(
            clock: ClockReading.now, start: { start($0, inbox) },
            arm: { wake, now in
                started.wakesAtOnce = wake.map { $0 <= now } ?? false
                if !started.wakesAtOnce { alarm.set(for: wake, now: now) }
            },
            log: { notice, now in
                for line in started.budget?.lines(for: notice, at: now) ?? [notice] {
                    started.told.append((line, now))
                }
            },
            isIdle: { inbox.isEmpty }, readJobs: { readAgain() })
        var loop = try Loop(ledger: ledger, settings: settings, jobs: jobs, surroundings: surroundings)
        let ending = await drive(&loop, inbox, started)
        try ledger.close(at: ending.ledgerIsWhole ? .clock() : nil)
        return ending
    }

    /// Steps until the end. What is under way then is not waited for: what matters has been.
    private func drive(_ loop: inout Loop, _ inbox: Inbox, _ started: Started) async -> Ending {
        var messages = [Message.event(.woke)]
        var isFirst = true
        while true {
            let ending = loop.step(messages)
            log.write(started.tell())
            // What reading the job files has left behind goes back to the system: a tenth of the memory.
            if isFirst { malloc_trim(0) }
            isFirst = false
            if let ending { return ending }
            messages = started.wakesAtOnce ? inbox.take() + [.event(.woke)] : await inbox.next()
        }
    }

    /// Requests are built and read elsewhere while the loop waits for the disk.
    private func start(_ errand: Errand, _ inbox: Inbox) {
        guard let loop = takeLoop() else {
            Task.immediate { await perform(errand, inbox) }
            return
        }
        Task(executorPreference: loop) {
            await perform(errand, inbox)
            loop.leave()
        }
    }

    private func perform(_ errand: Errand, _ inbox: Inbox) async {
        guard let event = await answer(errand) else { return }
        inbox.post(.answer(event, to: errand.scheduler))
    }

    /// What a step leaves to be done.
    private final class Started {
        var told: [(notice: Notice, at: Instant)] = []
        /// What the log may still hold; nil: as much as it likes.
        var budget: LogBudget?
        /// There is more to do now, without waiting for an alarm or an answer.
        var wakesAtOnce = false

        func tell() -> [(notice: Notice, at: Instant)] {
            defer { told.removeAll(keepingCapacity: true) }
            return told
        }
    }

    /// The token and the job files anew; a bad set is told about, and the running one is kept.
    private func readAgain() -> [Job]? {
        for problem in readToken() { log.write(Notice(.error, "token", problem), at: .clock()) }
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
