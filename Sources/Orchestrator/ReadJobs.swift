import Cron
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

extension Configuration {
    /// The jobs of a directory, or every problem of every file.
    public func readJobs() throws(JobFileProblems) -> [Job] {
        let loaded = try Self.loadJobs([jobsDirectory], environment)
        guard loaded.isUsable else { throw JobFileProblems(problems: loaded.problems) }
        return loaded.jobs
    }

    /// What the files say, problems included; throws only when not even the default time zone is good.
    public static func loadJobs(
        _ paths: [String], _ environment: Environment
    ) throws(JobFileProblems) -> LoadedJobs {
        let zones = ZoneDatabase(directory: environment[.zoneDirectory])
        guard let name = environment[.timezone] else { return JobFiles(zones: zones).load(paths: paths) }
        do throws(ZoneError) {
            let zone = try zones.zone(named: name)
            return JobFiles(zones: zones, defaults: JobFileDefaults(zone: zone)).load(paths: paths)
        } catch {
            let place = Place(file: EnvironmentVariable.timezone.name)
            throw JobFileProblems(problems: [Problem(place, error.message, hint: error.hint)])
        }
    }
}
