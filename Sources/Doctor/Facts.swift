public import CivilTime
public import Cron
public import GitLab
public import Scheduling

/// What was read, or why it could not be.
public typealias Told<Value> = Result<Value, APIFailure>

/// Everything that is judged: of this machine, and of GitLab where it was asked.
public struct Facts: Sendable {
    public var now: Instant
    public var local: LocalFacts
    public var jobs: [Job]
    /// Where jobs run that do not say it; nil: the environment does not tell.
    public var project: String?
    public var ref: String?
    /// The CI job that this process is; nil outside CI.
    public var own: OwnJob?
    /// How pipelines are marked, where one way is set or known for all projects.
    public var marking = Marking.auto
    /// nil: GitLab was not asked, see `silence`.
    public var site: SiteFacts?
    /// Why GitLab was not asked.
    public var silence = ""

    public init(now: Instant, local: LocalFacts, jobs: [Job]) {
        self.now = now
        self.local = local
        self.jobs = jobs
    }

    /// `ORCHESTRATE_MARK`; `auto`: whatever GitLab takes.
    public enum Marking: String, Sendable { case auto, variables, inputs }

    /// How this project's pipelines are marked. All that judges marks asks here.
    public func marking(of project: ProjectFacts) -> Marking {
        guard marking == .auto else { return marking }
        if let forbids = project.forbidsVariables { return forbids ? .inputs : .auto }
        return project.names.contains { local.projectsWithInputs.contains($0) } ? .inputs : .auto
    }

    /// The inputs by which pipelines there are marked, where inputs mark them.
    public func markInputs(in project: String, at ref: String) -> [String] {
        let marks = [MarkInput.runID, .jobName]
        let isOwn = (project, ref) == (self.project ?? "", self.ref ?? "")
        let all = isOwn && own?.startsSuccessor == true ? marks + [.successorOf] : marks
        return all.map(\.rawValue)
    }

    /// The jobs that are switched on and run there; `ref` nil: at any ref.
    public func jobs(in project: String, at ref: String? = nil) -> [Job] {
        jobs.filter { job in
            job.isEnabled && (job.project ?? self.project) == project
                && (ref == nil || (job.ref ?? self.ref) == ref)
        }
    }
}

/// What needs no GitLab.
public struct LocalFacts: Sendable {
    /// What a start would refuse, and what may do harm.
    public var environment: (problems: [String], warnings: [String]) = ([], [])
    public var jobsDirectory = ""
    public var jobProblems: [(place: String, message: String, hint: String?)] = []
    /// Zones whose files cannot be read, in sentences.
    public var zoneProblems: [String] = []
    /// The zones that jobs name.
    public var zones: Set<String> = []
    /// Where the tz database is; nil: there is none.
    public var zoneDatabase: String?
    public var ledgerPath = ""
    public var ledger = LedgerFacts.absent
    public var channels: [(name: String, problem: String?)] = []
    public var herds: [Herd] = []
    public var ratePerMinute = 0
    /// What a scheduler asks GitLab in a minute, at most.
    public var requestsPerMinute = 0
    /// By project: when the newest pipeline of the ledger was created, and the newest that was made with variables.
    public var newestPipelines: [String: Instant] = [:]
    public var newestWithVariables: [String: Instant] = [:]
    /// Projects whose marks travel as inputs, as the ledger remembers.
    public var projectsWithInputs: Set<String> = []

    public init() {}
}

public enum LedgerFacts: Sendable {
    case absent
    /// It is there and can be read. `holder`: who schedules from it.
    case good(holder: String?)
    /// An older format, which a start brings up to date.
    case older
    case bad(String, hint: String)
    /// Beside a good file: it cannot be written, or the disk is full soon.
    case cramped(String, hint: String)
}

/// The CI job that this process is.
public struct OwnJob: Sendable {
    public var name: String
    /// The earlier of the ends that GitLab and the runner set to it.
    public var timeout: Duration?
    /// It starts its own successor before its end.
    public var startsSuccessor: Bool
    /// The ledger, as a cache would name it: below the project; nil: where the project lies is not known.
    public var ledger: String?

    public init(name: String, timeout: Duration?, startsSuccessor: Bool, ledger: String?) {
        self.name = name
        self.timeout = timeout
        self.startsSuccessor = startsSuccessor
        self.ledger = ledger
    }
}

/// What GitLab told.
public struct SiteFacts: Sendable {
    public var url: String
    /// nil: it was not asked for.
    public var version: Told<String>?
    /// How far the own clock is ahead of GitLab's, from each answer with a date.
    public var clockAhead: [Duration] = []
    /// `RateLimit-Limit`: requests a minute.
    public var requestLimit: Int?
    /// nil: it was not asked for, because GitLab did not answer.
    public var token: Told<TokenRow>?
    public var user: Told<UserRow>?
    /// What the token is by its prefix where it is none of the right kind, such as `a CI job token`.
    public var wrongKind: String?
    public var projects: [ProjectFacts] = []
    public var refs: [RefFacts] = []
    public var lints: [JobLint] = []

    public init(url: String) { self.url = url }
}

public struct ProjectFacts: Sendable {
    /// As jobs or the environment name it.
    public var name: String
    public var row: Told<ProjectRow>
    public var member: Told<MemberRow>?
    public var runners: Told<[RunnerRow]>?
    public var schedules: Told<[PipelineSchedule]>?
    public var freezes: Told<[FreezePeriod]>?

    public init(name: String, row: Told<ProjectRow>) {
        self.name = name
        self.row = row
    }
}

/// A pipeline schedule of GitLab; `times` is nil where its expression or zone is not understood.
public struct PipelineSchedule: Sendable {
    public var row: ScheduleRow
    public var times: Schedule?

    public init(row: ScheduleRow, times: Schedule?) {
        self.row = row
        self.times = times
    }
}

/// Deployments are frozen from each fire time of `start` to the next one of `end`.
public struct FreezePeriod: Sendable {
    public var start: Schedule?
    public var end: Schedule?

    public init(start: Schedule?, end: Schedule?) {
        self.start = start
        self.end = end
    }
}

/// One ref of one project on which jobs run, and its CI file.
public struct RefFacts: Sendable {
    public var project: String
    public var ref: String
    public var row: Told<RefRow>
    /// Of the CI file as it is there; nil: it was not asked for.
    public var lint: Told<LintRow>?
    /// GitLab's words where the file does not take the inputs that mark pipelines; nil: it takes them, or was not asked.
    public var inputRefusal: String?
    /// Whether `lint` was given these inputs.
    public var isProbed = false
    /// The process mode of the own CI job's resource group.
    public var processMode: Told<String>?

    public init(project: String, ref: String, row: Told<RefRow>) {
        self.project = project
        self.ref = ref
        self.row = row
    }

    public var target: String { "\(project)@\(ref)" }
}

/// What a pipeline of a job would be.
public struct JobLint: Sendable {
    public var job: String
    public var project: String
    public var ref: String
    public var answer: Told<LintRow>

    public init(job: String, project: String, ref: String, answer: Told<LintRow>) {
        self.job = job
        self.project = project
        self.ref = ref
        self.answer = answer
    }

    var target: String { "\(project)@\(ref)" }
}
