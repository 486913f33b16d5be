import CivilTime
import Notices
public import Scheduling

/// What a scheduling process needs to know. It comes from the environment; flags may replace parts of it.
public struct Configuration: Sendable {
    public var settings: Settings
    public var jobsDirectory: String
    public var ledgerPath: String
    public var apiURL: String
    public var token: String
    public var environment: Environment
    /// Where notices go. Only `run` reads it.
    var channels: Channels?
    /// What the flags of `trigger` change in the job.
    public var change = Change()

    /// Pipeline variables that add to the job's own or replace them, and another ref.
    public struct Change: Sendable {
        public var variables: [(key: String, value: String)] = []
        public var ref: String?

        public init(variables: [(key: String, value: String)] = [], ref: String? = nil) {
            self.variables = variables
            self.ref = ref
        }
    }

    /// What the flags of a command say in place of the environment.
    public struct Flags: Sendable {
        public var jobs: String?
        public var ledger: String?

        public init(jobs: String? = nil, ledger: String? = nil) {
            self.jobs = jobs
            self.ledger = ledger
        }
    }

    /// The command decides which variables have to be set.
    public enum Purpose: Sendable {
        /// `run` needs every required variable.
        case schedule
        /// `run --dry-run` needs none.
        case rehearse
        /// `trigger` needs what one POST needs.
        case trigger

        func required(in environment: Environment) -> [EnvironmentVariable] {
            switch self {
            case .schedule: EnvironmentVariable.all.filter(environment.requires)
            case .rehearse: []
            case .trigger: [.token, .ref, .project]
            }
        }
    }

    /// Reads the whole configuration. Throws all problems at once.
    public init(_ environment: Environment, flags: Flags, for purpose: Purpose) throws(ConfigurationError) {
        let required = purpose.required(in: environment).filter { $0 != .jobsHome || flags.jobs == nil }
        var problems = environment.missing(required) + [DescriptorLimit.problem].compactMap(\.self)
        let environment = environment.withoutTrimmings(&problems)
        environment.checkNames(&problems)
        settings = Settings(
            project: environment[.project] ?? "(no project)", ref: environment[.ref] ?? "(no ref)")
        self.environment = environment
        jobsDirectory = Self.jobsDirectory(environment, flags)
        ledgerPath = Self.ledgerPath(environment, flags)
        apiURL = environment.setting(.api)
        token = environment.readToken(problems: &problems) ?? ""
        _ = environment.readAPI(&problems)
        readIntervals(&problems)
        settings.mark = environment.markKind(problems: &problems)
        if case .schedule = purpose {
            readInstance(&problems)
            readChannels(&problems)
        }
        guard problems.isEmpty else { throw ConfigurationError(problems) }
    }

    public static func jobsDirectory(_ environment: Environment, _ flags: Flags) -> String {
        flags.jobs ?? environment.setting(.jobsHome)
    }

    public static func ledgerPath(_ environment: Environment, _ flags: Flags) -> String {
        flags.ledger ?? environment.setting(.ledger)
    }

    /// The rate limit that the environment sets, or its default.
    public static func ratePerMinute(_ environment: Environment) throws(ConfigurationError) -> Int {
        var problems: [String] = []
        let rate = environment.count(.rate, in: 0...100_000, problems: &problems)
        guard problems.isEmpty else { throw ConfigurationError(problems) }
        return rate ?? Settings.defaults.ratePerMinute
    }

    private mutating func readIntervals(_ problems: inout [String]) {
        let environment = environment
        environment.seconds(.poll, least: 0.01, problems: &problems).map { settings.poll = $0 }
        environment.seconds(.watch, least: 0.01, problems: &problems).map { settings.watch = $0 }
        environment.seconds(.settle, least: 0, problems: &problems).map { settings.settle = $0 }
        environment.count(.rate, in: 0...100_000, problems: &problems).map { settings.ratePerMinute = $0 }
        environment.count(.inFlight, in: 1...1_000, problems: &problems).map { settings.maxInFlight = $0 }
    }

    private mutating func readChannels(_ problems: inout [String]) {
        let channels = Channels(environment.values, problems: &problems)
        settings.notify = NotifySettings(
            channels: channels.traits, standard: channels.standard, heartbeat: channels.heartbeat)
        self.channels = channels
    }

    /// The channels that the environment names. Throws all that is wrong with them.
    public static func channels(
        in environment: Environment
    ) throws(ConfigurationError) -> [String: ChannelTraits] {
        var problems: [String] = []
        let traits = Channels(environment.values, problems: &problems).traits
        guard problems.isEmpty else { throw ConfigurationError(problems) }
        return traits
    }

    private mutating func readInstance(_ problems: inout [String]) {
        guard let text = environment[.jobID] else { return }
        guard let id = Int64(text), id > 0 else {
            return problems.append(
                "CI_JOB_ID is “\(text)”: a CI job's number is needed, or nothing outside CI")
        }
        settings.instance = id
        readDeadline(&problems)
    }

    /// Reads when GitLab ends the own CI job, from two variables that GitLab sets together and one that the
    /// CI file may set.
    private mutating func readDeadline(_ problems: inout [String]) {
        let succession = environment.seconds(.succession, least: 0.01, problems: &problems)
        let start = readStart(&problems)
        let timeouts = [readTimeout(&problems), readScriptTimeout(&problems)].compactMap(\.self)
        if succession != nil, environment[.jobStartedAt] == nil || environment[.jobTimeout] == nil {
            problems.append(
                "\(EnvironmentVariable.succession.name) needs CI_JOB_STARTED_AT and CI_JOB_TIMEOUT, "
                    + "which GitLab sets")
        }
        guard let start, let timeout = timeouts.min() else { return }
        settings.deadline = .init(started: start, timeout: timeout, succession: succession)
    }

    /// The runner counts it from the start of the script, which no variable tells. The CI job starts earlier, so an end
    /// counted from there is safe.
    private func readScriptTimeout(_ problems: inout [String]) -> Duration? {
        guard let text = environment[.scriptTimeout] else { return nil }
        guard let timeout = Duration(runner: text), timeout >= .zero else {
            problems.append("RUNNER_SCRIPT_TIMEOUT is “\(text)”: a length of time such as 23h50m is needed")
            return nil
        }
        // To the runner, 0 means no limit.
        return timeout == .zero ? nil : timeout
    }

    private func readStart(_ problems: inout [String]) -> Instant? {
        guard let started = environment[.jobStartedAt] else { return nil }
        guard let start = Instant(rfc3339: started) else {
            problems.append(
                "CI_JOB_STARTED_AT is “\(started)”: a time such as 2026-03-08T02:30:00Z is needed")
            return nil
        }
        return start
    }

    private func readTimeout(_ problems: inout [String]) -> Duration? {
        guard let timeout = environment[.jobTimeout] else { return nil }
        guard let seconds = Double(timeout), seconds > 0, seconds <= 31 * 86_400 else {
            problems.append("CI_JOB_TIMEOUT is “\(timeout)”: a number of seconds is needed")
            return nil
        }
        return .microseconds(Int64(seconds * 1_000_000))
    }
}

extension Settings {
    /// The values that hold when neither the environment nor a flag sets one. Project and ref have no default.
    public static let defaults = Settings(project: "", ref: "")
}
