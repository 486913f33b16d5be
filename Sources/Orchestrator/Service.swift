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
    let openLedger: @Sendable () throws(LedgerError) -> (Ledger, Replacement?)
    /// Performs a request. Returns its answer, if it has one.
    let answer: @Sendable (Errand) async -> Event?
    /// Takes the current token. Returns what is wrong with it.
    let readToken: @Sendable () -> [String]
    /// The event loop that should perform the next request; nil: the loop's own queue performs it.
    let takeLoop: @Sendable () -> ClientLoop?
    /// Called when the process ends.
    let close: @Sendable () async -> Void
    /// Where the metrics go; nil: there are none.
    var metrics: MetricsFile?
    /// Looks whether token, role and refs are good, see `DailyLook`; nil: not wanted.
    var look: (@Sendable ([Job]) async -> [Notice]?)?

    /// Schedules until a signal or a successor ends it, or until it has done what its mode says.
    ///
    /// All of the loop runs on one Dispatch queue, where waiting for the disk delays no other work.
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
        let (ledger, replaced) = try openLedger()
        if let replaced {
            let notice = Notice.replaced(replaced)
            log.write(notice, at: .clock())
            inbox.post(.event(.noticed(putAside: notice, at: .clock())))
        }
        let started = Started()
        // Only a CI job's log has a limit.
        if settings.instance != nil { started.budget = LogBudget(at: .clock()) }
        let observer = metrics.map { Observer($0) }
        observer?.declare(jobs, lastSuccess: Self.lastSuccesses(in: ledger), at: .clock())
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
            isIdle: { inbox.isEmpty },
            readJobs: {
                let jobs = readAgain(telling: inbox)
                if let jobs {
                    started.look = lookDaily(jobs, telling: inbox)
                    observer?.declare(jobs, at: .clock())
                }
                return jobs
            },
            observer: observer)
        var loop = try Loop(ledger: ledger, settings: settings, jobs: jobs, surroundings: surroundings)
        started.look = lookDaily(jobs, telling: inbox)
        defer { started.look = nil }
        let ending = await drive(&loop, inbox, started)
        try ledger.close(at: ending.ledgerIsWhole ? .clock() : nil)
        return ending
    }

    private static func lastSuccesses(in ledger: Ledger) -> [String: Instant] {
        let runs = (try? ledger.lastRuns()) ?? [:]
        return runs.compactMapValues { $0.carriedOut?.state == .succeeded ? $0.carriedOut?.finishedAt : nil }
    }

    /// Steps until the end. It does not wait for requests that are still under way then: the important ones are done.
    private func drive(_ loop: inout Loop, _ inbox: Inbox, _ started: Started) async -> Ending {
        var messages = [Message.event(.woke)]
        var isFirst = true
        while true {
            let ending = loop.step(messages)
            log.write(started.tell())
            // Returns the memory that was needed to read the job files to the system: a tenth of the total.
            if isFirst { malloc_trim(0) }
            isFirst = false
            if let ending { return ending }
            messages = started.wakesAtOnce ? inbox.take() + [.event(.woke)] : await inbox.next()
        }
    }

    /// Event loops build the requests and read the answers while the loop waits for the disk.
    private func start(_ errand: Errand, _ inbox: Inbox) {
        guard errand.request.isForGitLab, let loop = takeLoop() else {
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

    /// What a step leaves for the service to do.
    private final class Started {
        var told: [(notice: Notice, at: Instant)] = []
        /// How much the log may still take; nil: no limit.
        var budget: LogBudget?
        /// The next step follows at once, without waiting for an alarm or an answer.
        var wakesAtOnce = false
        /// The daily look at the present jobs.
        var look: Task<Void, Never>? { didSet { oldValue?.cancel() } }

        func tell() -> [(notice: Notice, at: Instant)] {
            defer { told.removeAll(keepingCapacity: true) }
            return told
        }
    }

    /// Reads the token and the job files again. If the job files have an error, logs it, and the jobs stay as they are.
    private func readAgain(telling inbox: Inbox) -> [Job]? {
        for problem in readToken() { log.write(Notice(.error, "token", problem), at: .clock()) }
        do throws(JobFileProblems) {
            return try readJobs()
        } catch {
            for problem in error.problems where problem.severity == .error {
                log.write(Notice(.error, "jobs", problem.oneLine), at: .clock())
            }
            let words = "the job files have errors: the scheduler keeps the jobs that it has"
            log.write(Notice(.error, "jobs", words), at: .clock())
            let first = error.problems.first { $0.severity == .error }?.oneLine ?? ""
            let subject = "reload_refused@\(Instant.clock().rfc3339)"
            inbox.post(.event(.noticed(.reloadRefused, "\(words): \(first)", subject: subject)))
            return nil
        }
    }
}
