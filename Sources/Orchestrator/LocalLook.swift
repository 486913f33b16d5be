import CivilTime
import Doctor
import Glibc
import JobFiles
import Ledger
import Notices
import Scheduling

/// Looks at this machine: environment, job files, ledger, time zones, channels. Creates and changes nothing.
struct LocalLook {
    /// With less room a ledger cannot be kept for long.
    private static let leastRoom: UInt64 = 50 << 20
    /// Runs of the ledger among which the newest pipeline of each project is looked for.
    private static let recentRuns = 500

    let environment: Environment
    let ledgerPath: String
    private let jobsDirectory: String
    private let problems: [String]
    private let now: Instant

    init(environment: Environment, flags: Configuration.Flags, now: Instant) {
        self.environment = environment
        self.now = now
        ledgerPath = Configuration.ledgerPath(environment, flags)
        jobsDirectory = Configuration.jobsDirectory(environment, flags)
        do throws(ConfigurationError) {
            _ = try Configuration(environment, flags: flags, for: .schedule)
            problems = []
        } catch {
            problems = error.problems
        }
    }

    func facts(_ loaded: LoadedJobs, jobs: [Job]) -> LocalFacts {
        var facts = LocalFacts()
        // What is wrong with channels is a check of its own.
        let ofChannels = environment.channels.compactMap(\.problem)
        facts.environment = (problems.filter { !ofChannels.contains($0) }, environment.warnings)
        facts.jobsDirectory = jobsDirectory
        let errors = loaded.problems.filter { $0.severity == .error }
        let ofZones = errors.filter { $0.message.isAboutZoneFiles }
        facts.zoneProblems = ofZones.map(\.message)
        facts.jobProblems = errors.filter { !$0.message.isAboutZoneFiles }.map {
            (place: "\($0.place)", message: $0.message, hint: $0.hint)
        }
        facts.zones = Set(jobs.map(\.schedule.zone.name))
        let hasZones = !ZoneDatabase(directory: environment[.zoneDirectory]).names.isEmpty
        if hasZones { facts.zoneDatabase = environment.setting(.zoneDirectory) }
        facts.ledgerPath = ledgerPath
        facts.ledger = ledger(&facts)
        facts.channels = environment.channels
        facts.ratePerMinute =
            (try? Configuration.ratePerMinute(environment)) ?? Settings.defaults.ratePerMinute
        facts.herds = Herd.worst(of: jobs, perMinute: facts.ratePerMinute, after: now)
        facts.requestsPerMinute = environment.requestsPerMinute + 2 * facts.ratePerMinute
        return facts
    }

    private func ledger(_ facts: inout LocalFacts) -> LedgerFacts {
        do throws(LedgerError) {
            let ledger = try Ledger(path: ledgerPath, access: .reading)
            if let problem = try ledger.integrityProblem() {
                throw LedgerError(.damaged, ledgerPath, problem)
            }
            facts.read(try ledger.runs(RunFilter(limit: Self.recentRuns)))
            facts.projectsWithInputs = Set(
                try ledger.load().markings.filter { $0.value.kind == .inputs }.keys)
            if let (words, hint) = cramped(ledgerPath) { return .cramped(words, hint: hint) }
            guard case .running(let holder) = Ledger.scheduler(of: ledgerPath) else {
                return .good(holder: nil)
            }
            return .good(holder: holder?.description ?? "a process")
        } catch {
            switch error.kind {
            case .absent:
                return cramped(Self.existingParent(of: ledgerPath)).map { .bad($0.0, hint: $0.1) } ?? .absent
            case .older: return .older
            default: return .bad(error.message, hint: error.hint)
            }
        }
    }

    /// Why nothing could be written there.
    private func cramped(_ path: String) -> (String, String)? {
        guard access(path, W_OK) == 0 else {
            let cause = String(cString: strerror(errno))
            return (
                "\(path) cannot be written: \(cause)",
                "give this user the right to write there, or name another file with --db"
            )
        }
        var disk = statvfs()
        guard statvfs(path, &disk) == 0 else { return nil }
        let (room, overflow) = UInt64(disk.f_bavail).multipliedReportingOverflow(by: UInt64(disk.f_frsize))
        guard !overflow, room < Self.leastRoom else { return nil }
        return (
            "only \(room >> 20) MiB are free on its disk",
            "free some space, or name a file on another disk with --db"
        )
    }

    /// The directory in which the missing directories of the file would be made.
    private static func existingParent(of path: String) -> String {
        var rest = path[...]
        while let slash = rest.lastIndex(of: "/") {
            rest = rest[..<slash]
            let directory = rest.isEmpty ? "/" : String(rest)
            if access(directory, F_OK) == 0 { return directory }
        }
        return "."
    }
}

extension LocalFacts {
    fileprivate mutating func read(_ runs: [Run]) {
        for run in runs where run.pipeline != nil {
            guard let project = run.project, let time = run.triggeredAt else { continue }
            newestPipelines[project] = max(newestPipelines[project] ?? time, time)
            // The ledger knows how a pipeline was made only if it has sent the POST itself.
            guard run.sentAt != nil, run.mark == .variables else { continue }
            newestWithVariables[project] = max(newestWithVariables[project] ?? time, time)
        }
    }
}

extension String {
    /// A zone that is known, or may be, but whose file cannot be read.
    fileprivate var isAboutZoneFiles: Bool {
        contains("time zone")
            && (contains("there is no tz database") || contains(" is damaged") || contains(" cannot be read"))
    }
}

extension Environment {
    /// What the scheduler asks in a minute beside its POSTs.
    fileprivate var requestsPerMinute: Int {
        var ignored: [String] = []
        let poll = seconds(.poll, least: 0.01, problems: &ignored) ?? Settings.defaults.poll
        let watch = seconds(.watch, least: 0.01, problems: &ignored) ?? Settings.defaults.watch
        return Int(Duration.seconds(60) / poll) + Int(Duration.seconds(60) / watch)
    }

    /// The channels that are set, by name, and what is wrong with any of them; never the address itself.
    fileprivate var channels: [(name: String, problem: String?)] {
        var problems: [String] = []
        let good = Channels(values, problems: &problems).traits.keys.sorted()
        return problems.map { (Self.channel(in: $0), $0) } + good.map { ($0, nil) }
    }

    /// The channel that a problem is about, by the variable that it names; empty: it is about none.
    private static func channel(in problem: String) -> String {
        let words = problem.split { !($0.isLetter || $0.isNumber || $0 == "_") }
        guard
            let variable = words.first(where: {
                $0.hasPrefix(Channels.prefix) && $0.count > Channels.prefix.count
            })
        else { return "" }
        var name = variable.dropFirst(Channels.prefix.count).lowercased()
        for end in ["_file", "_secret"] where name.hasSuffix(end) { name.removeLast(end.count) }
        return name
    }

    /// What the token is by its prefix, where it is none that can create pipelines.
    var tokenKind: String? {
        var ignored: [String] = []
        guard let token = readToken(problems: &ignored) else { return nil }
        let kinds = [
            ("glcbt-", "a CI job token"), ("glptt-", "a trigger token"), ("gldt-", "a deploy token"),
            ("glrt-", "a runner token"), ("glft-", "a feed token"),
        ]
        return kinds.first { token.hasPrefix($0.0) }?.1
    }
}
