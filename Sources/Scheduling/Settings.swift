public import CivilTime

/// What the environment and the flags decide about a scheduler.
public struct Settings: Sendable {
    /// Where pipelines run, unless a job says otherwise.
    public var project: String
    public var ref: String
    /// Own CI job id; nil outside CI, where no other instance can take over.
    public var instance: Int64?
    /// Between two looks for a successor.
    public var poll = Duration.seconds(10)
    /// Between two looks at running pipelines.
    public var watch = Duration.seconds(5)
    /// How long after a POST its pipeline may still appear: GitLab works on for 60 s, plus slack.
    public var settle = Duration.seconds(75)
    /// Pipelines created per minute, project and ref; 0: no limit.
    public var ratePerMinute = 25
    /// Requests under way at once.
    public var maxInFlight = 128
    /// How long a superseded instance waits for its pipelines; nil: until they are over.
    public var drainTimeout: Duration?
    /// When GitLab ends the own CI job; nil: it has no such end.
    public var deadline: Deadline?
    /// How long runs that are over stay in the ledger.
    public var keep = Duration.seconds(90 * 86_400)
    public var mode = Mode.untilTold
    public var notify = NotifySettings()
    /// How marks travel; nil: as variables where the project takes them, else as inputs.
    public var mark: MarkKind?

    public init(project: String, ref: String) {
        self.project = project
        self.ref = ref
    }

    /// This instance posts only while its last proof of being the newest is younger than this.
    public var lease: Duration { poll * 3 }

    /// The end that GitLab sets to the own CI job. A CI job that ends like this uploads no cache, so this instance ends
    /// before that.
    public struct Deadline: Hashable, Sendable {
        public var end: Instant
        /// From the start of the CI job to its end.
        public var length: Duration
        /// This long before the end, the scheduler begins no new fire times.
        public var reserve: Duration
        /// This long before the end, the scheduler starts a successor; nil: it starts none.
        public var succession: Duration?

        public init(started: Instant, timeout: Duration, succession: Duration? = nil) {
            end = started.advanced(by: timeout)
            length = timeout
            reserve = min(.seconds(300), timeout / 10)
            self.succession = succession
        }

        /// The interval of a pipeline schedule is longer than this as a rule, and often longer than an end that a runner
        /// or GitLab.com sets without being asked.
        private static let usual = Duration.seconds(12 * 3_600)

        var isShort: Bool { length < Self.usual }

        /// When the process ends at the latest: the runner needs time to upload the cache.
        var lastMoment: Instant { end.advanced(by: .zero - reserve / 3) }
    }

    public enum Mode: Hashable, Sendable {
        /// Schedule until a signal or a successor comes.
        case untilTold
        /// Do what is due at the start, and end: when its pipelines are over, or, without `wait`, when they are created.
        case once(wait: Bool)
        /// Run one job now, whatever its schedule says, and end: when its pipeline is over, or,
        /// without `wait`, when it is created.
        case trigger(RunID, wait: Bool)
    }
}
