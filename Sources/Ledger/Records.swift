public import CivilTime
public import Scheduling

/// What a scheduler needs to know at its start.
public struct LedgerState: Hashable, Sendable {
    /// The covered-through mark of each declared job.
    public var covered: [String: Instant]
    /// The open runs, oldest fire time first.
    public var open: [Run]
    /// The newest fire time that has a row; nil: there is none.
    public var newestFireTime: Instant?
    /// For each job whose mark is later than the given instant: its newest fire time up to that instant that has a row.
    public var lastDecided: [String: Instant]
    /// The last session: before the own one, if the ledger is open for scheduling; nil: there is no record.
    public var lastSession: SessionRecord?
    /// How marks travel, by project.
    public var markings: [String: ProjectMark] = [:]
    /// Messages that no channel has taken, oldest first.
    public var outbox: [OutboxMessage] = []
    /// The bad runs of jobs, by job.
    public var incidents: [String: Incident] = [:]
    /// The newest sessions, oldest first. They include the own one if the ledger is open for scheduling.
    public var sessions: [SessionRecord] = []
    /// Until when other instances may have posted, as the previous process noted; nil: it noted nothing.
    public var othersPostedUntil: Instant?
    /// Whether this is the latest copy of the ledger, as far as is known: the lock file names the session that last
    /// brought the ledger up to date, and this ledger has that session. False for a new ledger.
    public var isLatest = false
    /// Until when a scheduler may have sent POSTs that this ledger has no claims of; nil: none did.
    public var unknownPostsUntil: Instant?
    /// When the process began that last brought the ledger in this place up to date, this copy of it or another one.
    public var usedHereAt: Instant?
}

/// The time for which one process had the ledger open for scheduling.
public struct SessionRecord: Hashable, Sendable {
    /// Its CI job id, or empty outside CI.
    public let instance: String
    public let begunAt: Instant
    /// nil: it goes on, or the process ended without recording the end.
    public let endedAt: Instant?
}

/// What the ledger knows about a range of fire times at one moment.
public struct RecordedFireTimes: Hashable, Sendable {
    /// A fire time that has a row.
    public struct Entry: Hashable, Sendable {
        public let fireTime: Instant
        public let state: RunState
    }

    /// The covered-through mark of each declared job.
    public var covered: [String: Instant]
    /// By job, declared or not, oldest first. A job without fire times in the range is missing here.
    public var entries: [String: [Entry]]
    /// Fire times that were skipped together; they are not in `entries`. By job, declared or not, oldest first.
    public var skips: [String: [FireTimeSpan]]

    /// All fire times of a job that have a row, oldest first; `isSkip`: the scheduler skipped it.
    public func rows(of job: String) -> Rows { Rows(entries[job] ?? [], skips[job] ?? []) }

    /// A sequence, because a list of all fire times may be too long.
    public struct Rows: Sequence, IteratorProtocol {
        private var entries: ArraySlice<Entry>
        private var spans: ArraySlice<FireTimeSpan>
        /// The position in the first span.
        private var position = 0

        fileprivate init(_ entries: [Entry], _ spans: [FireTimeSpan]) {
            (self.entries, self.spans) = (entries[...], spans[...])
        }

        public mutating func next() -> (fireTime: Instant, isSkip: Bool)? {
            let skipped = spans.first.map { $0[position] }
            if let entry = entries.first, skipped.map({ entry.fireTime < $0 }) ?? true {
                entries.removeFirst()
                return (entry.fireTime, entry.state == .skipped)
            }
            guard let skipped else { return nil }
            position += 1
            if position == spans.first?.count { (position, spans) = (0, spans.dropFirst()) }
            return (skipped, true)
        }
    }
}

/// Which runs to read.
public struct RunFilter: Hashable, Sendable {
    /// Names of jobs; empty: all. An unknown name is no error.
    public var jobs: Set<String>
    /// Empty: all.
    public var states: Set<RunState>
    /// The earliest fire time; nil: from the beginning.
    public var since: Instant?
    /// Only fire times before this one; nil: to the end.
    public var until: Instant?
    /// The largest number of runs, newest first; nil: all.
    public var limit: Int?

    public init(
        jobs: Set<String> = [], states: Set<RunState> = [], since: Instant? = nil, until: Instant? = nil,
        limit: Int? = nil
    ) {
        self.jobs = jobs
        self.states = states
        self.since = since
        self.until = until
        self.limit = limit
    }
}

/// A run's entry into a state, or a new reason for being in it.
public struct Transition: Hashable, Sendable {
    public let at: Instant
    public let state: RunState
    public let reason: String?
}

/// A run and its transitions, in order.
public struct RunHistory: Hashable, Sendable {
    public let run: Run
    public let transitions: [Transition]
}

/// The last results of a job.
public struct LastRun: Hashable, Sendable {
    /// The run or skip with the newest fire time.
    public let newest: Run
    /// The newest run that was not skipped; nil: all were.
    public let carriedOut: Run?
}
