import CivilTime
import Cron
import Glibc
import JobFiles
import Scheduling
import Text

/// Jobs, in memory and as files.
public enum JobWork {
    /// Daily jobs, spread over the day.
    public static func dailyJobs(_ count: Int, projects: Int = 1) throws -> [Job] {
        try (0..<count).map { index in
            let expression = try CronExpression("\(index % 60) \(index / 60 % 24) * * *")
            var job = Job(name: name(index), schedule: Schedule(expression, in: .utc))
            job.project = projects == 1 ? nil : "group/project-\(index % projects)"
            job.variables = [Variable(key: "NUMBER", value: String(index))]
            return job
        }
    }

    public static func name(_ index: Int) -> String { "job-\(index)" }

    /// Writes one file for each job, of a size that is common in practice.
    public static func writeFiles(
        _ count: Int, to folder: String, more: String = "",
        schedule: (Int) -> String = { "\($0 % 60) \($0 / 60 % 24) * * *" }
    ) throws {
        mkdir(folder, 0o755)
        for index in 0..<count {
            let text = """
                pipeline_name: \(name(index))
                scheduler: "\(schedule(index))"
                timezone: Europe/Berlin
                enabled: true
                \(more.isEmpty ? "# no more" : more)
                overlap: allow
                ref: main
                variables:
                  DEPLOY_ENV: staging
                  JOB_INDEX: "\(index)"

                """
            try write(text, to: "\(folder)/\(name(index)).yml")
        }
    }

    private static func write(_ text: String, to path: String) throws {
        guard let file = fopen(path, "w") else { throw WorkFailed("\(path) cannot be written") }
        defer { fclose(file) }
        fputs(text, file)
    }

    /// Reads a folder. Returns how many jobs it has.
    public static func read(_ folder: String) throws -> Int {
        let loaded = JobFiles(zones: ZoneDatabase(directory: nil)).load(paths: [folder])
        guard loaded.isUsable else { throw WorkFailed("\(folder) has problems") }
        return loaded.jobs.count
    }
}

/// A measurement could not be made.
public struct WorkFailed: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
