public import CivilTime
public import Scheduling

/// What a scheduler needs to know at its start.
public struct LedgerState: Hashable, Sendable {
    /// The covered-through mark of each declared job.
    public var covered: [String: Instant]
    /// The open runs, oldest fire time first.
    public var open: [Run]
    /// The newest fire time that has a row; nil where there is none.
    public var newestFireTime: Instant?
    /// Of each job whose mark is after the instant that was asked for: its newest fire time up to then that has a row.
    public var lastDecided: [String: Instant]
    /// Who scheduled from the ledger last: of a ledger opened for scheduling, the one before; nil where there
    /// is no record of any.
    public var lastSession: SessionRecord?
    /// The newest sessions, oldest first: of a ledger opened for scheduling, with the own one.
    public var sessions: [SessionRecord] = []
    /// Until when other instances may have posted, as the process before this one noted it; nil: it did not.
    public var othersPostedUntil: Instant?
    /// Whether no later copy of the ledger is known to have been used in its place: the lock file beside it names the
    /// session that brought it up to date last, and this ledger knows that one. False for a new ledger.
    public var isLatest = false
    /// Until when POSTs may have been sent of which this ledger has no claims; nil: none were.
    public var unknownPostsUntil: Instant?
    /// When the process began that brought the ledger in this place up to date last, be it this one or another copy.
    public var usedHereAt: Instant?
}

/// The time for which one process had the ledger open for scheduling.
public struct SessionRecord: Hashable, Sendable {
    /// Its CI job id, or empty outside CI.
    public let instance: String
    public let begunAt: Instant
    /// nil while it goes on, and where the process ended without saying so.
    public let endedAt: Instant?
}

/// What the ledger knows of a range of fire times, as of one moment.
public struct RecordedFireTimes: Hashable, Sendable {
    /// A fire time that has a row.
    public struct Entry: Hashable, Sendable {
        public let fireTime: Instant
        public let state: RunState
    }

    /// The covered-through mark of each declared job.
    public var covered: [String: Instant]
    /// By job, declared or not, oldest first; a job without any in the range is not there.
    public var entries: [String: [Entry]]
    /// Fire times that were skipped together, and are not in `entries`. By job, declared or not, oldest first.
    public var skips: [String: [FireTimeSpan]]

    /// All fire times of a job that have a row, oldest first; `isSkip`: it was not run.
    public func rows(of job: String) -> Rows { Rows(entries[job] ?? [], skips[job] ?? []) }

    /// One after the other: they may be too many to be listed.
    public struct Rows: Sequence, IteratorProtocol {
        private var entries: ArraySlice<Entry>
        private var spans: ArraySlice<FireTimeSpan>
        /// In the first of the spans.
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
    /// Names of jobs; empty: all. A name nobody knows is no error.
    public var jobs: Set<String>
    /// Empty: all.
    public var states: Set<RunState>
    /// The earliest fire time; nil: from the beginning.
    public var since: Instant?
    /// Fire times are earlier than this; nil: to the end.
    public var until: Instant?
    /// How many runs at most, the newest ones; nil: all.
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

/// A run and all that happened to it, in order.
public struct RunHistory: Hashable, Sendable {
    public let run: Run
    public let transitions: [Transition]
}

/// How a job fared last.
public struct LastRun: Hashable, Sendable {
    /// The run or skip with the newest fire time.
    public let newest: Run
    /// The newest that was not skipped; nil where all were.
    public let carriedOut: Run?
}
