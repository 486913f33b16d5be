public import CivilTime
public import JobFiles
public import Scheduling

/// The job files are not all good: exit code 78.
public struct JobFileProblems: Error, Sendable {
    public var problems: [Problem]
}

extension Problem {
    /// Place and message without the excerpt, for the log.
    var oneLine: String { "\(place): \(message)" + (hint.map { "; try: \($0)" } ?? "") }
}

extension LoadedJobs {
    /// The jobs; throws every problem where one of them is an error.
    public func usable() throws(JobFileProblems) -> [Job] {
        guard isUsable else { throw JobFileProblems(problems: problems) }
        return jobs
    }
}

extension Configuration {
    /// The jobs of a directory, or every problem of every file.
    public func readJobs() throws(JobFileProblems) -> [Job] {
        try Self.loadJobs([jobsDirectory], environment).usable()
    }

    /// The same, and what `check` warns of goes into the log.
    func readJobs(warning log: Log) throws(JobFileProblems) -> [Job] {
        let now = Instant.clock()
        var loaded = try Self.loadJobs([jobsDirectory], environment)
        if loaded.isUsable, loaded.jobs.count <= Self.mostAdvised {
            loaded = try Self.loadJobs([jobsDirectory], environment, adviceAt: now)
            loaded.warnOfHerds(perMinute: settings.ratePerMinute, at: now)
        }
        let jobs = try loaded.usable()
        for problem in loaded.problems.prefix(Self.mostWarnings) {
            log.write(Notice(.warning, "jobs", problem.oneLine), at: now)
        }
        let more = loaded.problems.count - Self.mostWarnings
        if more > 0 {
            let words = "\(more) more warnings about the job files: `orchestrate check` shows them"
            log.write(Notice(.warning, "jobs", words), at: now)
        }
        return jobs
    }

    /// Advice on more jobs than this would delay the start for seconds; `check` takes its time.
    private static let mostAdvised = 1_000
    /// The log of a CI job has a limit.
    private static let mostWarnings = 50

    /// What the files say, problems included; throws only when not even the default time zone is good.
    ///
    /// `adviceAt`: warn of what is allowed and probably not meant, as of this moment.
    public static func loadJobs(
        _ paths: [String], _ environment: Environment, adviceAt: Instant? = nil
    ) throws(JobFileProblems) -> LoadedJobs {
        let zones = ZoneDatabase(directory: environment[.zoneDirectory])
        do throws(ZoneError) {
            let zone = try environment[.timezone].map { name throws(ZoneError) in try zones.zone(named: name)
            }
            return JobFiles(zones: zones, zone: zone ?? .utc, adviceAt: adviceAt).load(paths: paths)
        } catch {
            let place = Place(file: EnvironmentVariable.timezone.name)
            throw JobFileProblems(problems: [Problem(place, error.message, hint: error.hint)])
        }
    }
}
