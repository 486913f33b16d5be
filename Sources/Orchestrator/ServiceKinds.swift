import CivilTime
import GitLab
import Glibc
import HTTP
import JobFiles
import Ledger
import Notices
import Scheduling

extension Service {
    /// A service with the configured GitLab and ledger.
    public init(_ configuration: Configuration, log: Log) throws {
        let transport = try Self.transport(configuration)
        for warning in configuration.environment.warnings {
            log.write(Notice(.warning, "environment", warning), at: .clock())
        }
        let notifier = configuration.notifier
        let exchange = Exchange(
            client: GitLabClient(transport),
            deliver: { await notifier?.deliver($0, at: .clock()) ?? .failed("there are no channels") },
            beat: { await notifier?.beat() ?? .failed("there is no heartbeat") },
            project: configuration.settings.project, uptime: ClockReading.currentUptime)
        let tokenFile = TokenFile(configuration, transport)
        let daily = DailyLook(configuration) { Consultation.Connection(transport, values: []) }
        let look: @Sendable ([Job]) async -> [Notice]? = { await daily.notices($0, at: .clock()) }
        self.init(
            settings: configuration.settings, log: log,
            readJobs: { () throws(JobFileProblems) in
                // A user who runs one job now has not asked about the others.
                if case .trigger = configuration.settings.mode { return try configuration.readJobs() }
                return try configuration.readJobs(warningIn: log)
            },
            openLedger: { () throws(LedgerError) in
                let (ledger, replaced) = try configuration.openLedger()
                if let gap = ledger.lockGap { log.write(.onlyByName(ledger.path, gap), at: .clock()) }
                return (ledger, replaced)
            },
            answer: { errand in
                let event = await exchange.answer(errand)
                if case .unauthorized = event.trouble { tokenFile.readAgain() }
                return event
            }, readToken: { tokenFile.readAgain() }, takeLoop: { transport.takeLoop() },
            close: {
                await transport.shutdown()
                await notifier?.shutdown()
            },
            metrics: configuration.metricsFile(complainingTo: log),
            look: configuration.settings.mode == .untilTold ? look : nil)
    }

    private static func transport(_ configuration: Configuration) throws(ConfigurationError) -> HTTPTransport
    {
        do throws(TransportSetupError) {
            let settings = try HTTPTransport.Settings(
                baseURL: configuration.apiURL, token: Secret(configuration.token), version: version,
                environment: configuration.environment.values,
                // Some beyond the POSTs, so that slow POSTs never delay the check for a successor.
                maximumConnections: configuration.settings.maxInFlight + 16)
            return try HTTPTransport(settings)
        } catch {
            throw ConfigurationError([error.description])
        }
    }

    /// A dry run. It sends no request and only reads the ledger; `tell` prints what it would trigger.
    public static func rehearsal(
        _ configuration: Configuration, log: Log, tell: @escaping @Sendable (String) -> Void
    ) -> Service {
        var settings = configuration.settings
        // The pipelines do not exist, and the first look at each reports its end.
        settings.watch = .milliseconds(500)
        let rehearsal = Rehearsal(tell: tell)
        let scratch = Scratch(in: getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")
        return Service(
            settings: settings, log: log,
            readJobs: { () throws(JobFileProblems) in try configuration.readJobs(warningIn: log) },
            openLedger: { () throws(LedgerError) in (try configuration.copyMarks(to: scratch.ledger()), nil)
            },
            answer: { rehearsal.answer($0.request) }, readToken: { [] }, takeLoop: { nil },
            close: { scratch.remove() })
    }
}

extension Configuration {
    /// nil: none is wanted. `trigger` may run beside a scheduler, whose file it is.
    fileprivate func metricsFile(complainingTo log: Log) -> MetricsFile? {
        if case .trigger = settings.mode { return nil }
        return environment[.metricsFile].map { path in
            MetricsFile(path: path) { log.write($0, at: .clock()) }
        }
    }

    /// nil: there is nobody to tell.
    fileprivate var notifier: Notifier? {
        guard let channels, !settings.notify.channels.isEmpty || settings.notify.heartbeat != nil else {
            return nil
        }
        return Notifier(
            channels, project: settings.project, environment: environment.values, version: version)
    }

    fileprivate func readJobs(warningIn log: Log) throws(JobFileProblems) -> [Job] {
        let now = Instant.clock()
        let (jobs, warnings) = try readJobsWithWarnings(at: now)
        log.write(warnings.map { ($0, now) })
        return jobs
    }

    fileprivate func openLedger() throws(LedgerError) -> (Ledger, Replacement?) {
        if case .trigger = settings.mode {
            return (try Ledger(path: ledgerPath, access: .writing(project: settings.project)), nil)
        }
        let instance = settings.instance.map(String.init) ?? ""
        return try Ledger.replacingDamaged(
            path: ledgerPath,
            access: .scheduling(instance: instance, since: .clock(), project: settings.project))
    }

    /// A ledger for the time of a dry run. It begins where the real one stands.
    fileprivate func copyMarks(to path: String) throws(LedgerError) -> Ledger {
        let copy = try Ledger(path: path, access: .writing())
        do throws(LedgerError) {
            let marks = try Ledger(path: ledgerPath, access: .reading).load().covered
            try copy.commit(marks.map { .cover(job: $0.key, through: $0.value) })
        } catch {
            guard error.kind == .absent else { throw error }
        }
        return copy
    }
}

extension Notice {
    /// Warns that no lock protects the ledger's file itself.
    fileprivate static func onlyByName(_ path: String, _ gap: String) -> Notice {
        let words =
            "\(path): only the file \(path).lock keeps a second scheduler away, because orchestrate cannot lock the "
            + "ledger itself (\(gap)): give all schedulers the same name of the file"
        return Notice(.warning, "ledger", words)
    }
}
