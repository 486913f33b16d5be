public import Scheduling

/// The jobs and the problems of some job files.
public struct LoadedJobs: Sendable {
    /// The jobs without a problem, by name.
    public internal(set) var jobs: [Job] = []
    /// Every problem of every file, by place.
    public var problems: [Problem] = []
    /// How many job files there are.
    public internal(set) var files = 0
    /// The first place of each name, also of jobs with a problem.
    public internal(set) var places: [String: Place] = [:]
    /// The text of each schedule in the files, by job name.
    public internal(set) var schedules: [String: String] = [:]
    /// The channels that each job names and where, also those of jobs with a problem. Jobs that name none are not in it.
    public internal(set) var channels: [String: [ChannelUse]] = [:]

    /// Nothing was found.
    public init() {}

    /// Whether the scheduler may use these jobs: no problem is an error.
    public var isUsable: Bool { !problems.contains { $0.severity == .error } }
}

/// What one file declares.
struct JobFile {
    var declarations: [Declaration]
    var findings: Findings
}

extension LoadedJobs {
    mutating func add(_ file: Result<JobFile, Problem>) {
        switch file {
        case .success(let file): add(file)
        case .failure(let problem): problems.append(problem)
        }
    }

    /// Adds the jobs of a file. A name that an earlier job has is a problem.
    private mutating func add(_ file: JobFile) {
        var findings = file.findings
        for declaration in file.declarations {
            if let first = places[declaration.name] {
                findings.report(
                    at: declaration.position,
                    "the pipeline_name \(declaration.name.quoted) is taken by \(first)",
                    hint: "another name")
                continue
            }
            places[declaration.name] = Place(file: findings.source.file, position: declaration.position)
            if let job = declaration.job { jobs.append(job) }
            schedules[declaration.name] = declaration.schedule
            if !declaration.channels.isEmpty { channels[declaration.name] = declaration.channels }
        }
        problems += findings.problems
    }

    mutating func sort() {
        jobs.sort { $0.name < $1.name }
        problems.sort { $0.place < $1.place }
    }
}
