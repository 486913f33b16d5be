public import CivilTime
public import JobFiles
public import Scheduling
import Text

/// A job file has an error. The command exits with code 78.
public struct JobFileProblems: Error, Sendable {
    public var problems: [Problem]
}

extension Problem {
    /// Place and message without the excerpt, for the log.
    var oneLine: String { "\(place): \(message)" + (hint.map { "; try: \($0)" } ?? "") }
}

extension LoadedJobs {
    /// The jobs. If a problem is an error, throws all problems.
    public func usable() throws(JobFileProblems) -> [Job] {
        guard isUsable else { throw JobFileProblems(problems: problems) }
        return jobs
    }
}

extension Configuration {
    /// The jobs of the directory. Throws all problems if a file has an error. `trigger` needs only its own job.
    public func readJobs() throws(JobFileProblems) -> [Job] {
        let loaded = try Self.loadJobs([jobsDirectory], environment, channels: channels?.traits)
        guard case .trigger(let id, _) = settings.mode,
            let job = loaded.jobs.first(where: { $0.name == id.job })
        else { return try loaded.usable() }
        return [changed(job)]
    }

    private func changed(_ job: Job) -> Job {
        var job = job
        job.ref = change.ref ?? job.ref
        for (key, value) in change.variables {
            job.variables.removeAll { $0.key == key }
            job.variables.append(Variable(key: key, value: value))
        }
        return job
    }

    /// The same, with the warnings of `check` for the log.
    func readJobsWithWarnings(at now: Instant) throws(JobFileProblems) -> (jobs: [Job], warnings: [Notice]) {
        var loaded = try Self.loadJobs([jobsDirectory], environment, channels: channels?.traits)
        let count = loaded.jobs.count
        if loaded.isUsable, count <= Self.mostAdvised {
            loaded = try Self.loadJobs(
                [jobsDirectory], environment, adviceAt: now, channels: channels?.traits)
        }
        if count <= Self.mostCounted { loaded.warnOfHerds(perMinute: settings.ratePerMinute, at: now) }
        let jobs = try loaded.usable()
        var warnings = loaded.problems.prefix(Self.mostWarnings).map {
            Notice(.warning, "jobs", $0.oneLine)
        }
        let more = loaded.problems.count - Self.mostWarnings
        if more > 0 {
            let words = "\(more) more warnings about the job files: `orchestrate check` shows them"
            warnings.append(Notice(.warning, "jobs", words))
        }
        if count > Self.mostCounted {
            let words =
                "with \(count) jobs, `run` looks for some warnings only: `orchestrate check` shows all"
            warnings.append(Notice(.info, "jobs", words))
        }
        return (jobs, warnings)
    }

    /// With more jobs, the advice on each of them would delay fire times at a reload. `check` has the time for it.
    static let mostAdvised = 1_000
    /// With more jobs, counting the fire times of all of them minute by minute would delay fire times as well.
    static let mostCounted = 200
    /// The log of a CI job has a limit.
    static let mostWarnings = 50

    /// What the files say, problems included. Throws only if the default time zone is wrong.
    ///
    /// `adviceAt`: as of this moment, warn of what is allowed and probably not meant. `channels`: those that jobs may
    /// name; nil: their names are not checked.
    public static func loadJobs(
        _ paths: [String], _ environment: Environment, adviceAt: Instant? = nil,
        channels: [String: ChannelTraits]? = nil
    ) throws(JobFileProblems) -> LoadedJobs {
        let zones = ZoneDatabase(directory: environment[.zoneDirectory])
        do throws(ZoneError) {
            let zone = try environment[.timezone].map { name throws(ZoneError) in try zones.zone(named: name)
            }
            let files = JobFiles(zones: zones, zone: zone ?? .utc, adviceAt: adviceAt)
            var loaded = files.load(paths: paths)
            loaded.checkChannels(channels)
            return loaded
        } catch {
            let place = Place(file: EnvironmentVariable.timezone.name)
            throw JobFileProblems(problems: [Problem(place, error.message, hint: error.hint)])
        }
    }
}
