import CivilTime

/// A declared job and where it stands.
struct JobState: Sendable {
    let job: Job
    /// Every fire time up to here is decided.
    fileprivate(set) var covered: Instant
    /// Another instance with another ledger has decided every fire time before this one; nil: none has.
    fileprivate(set) var unrecordedUntil: Instant?
    /// Its open runs, in the order in which they became known.
    fileprivate(set) var runs: [RunID] = []
    /// How many of its open runs are not blocked.
    fileprivate(set) var going = 0
    /// Claims that wait for an earlier run of the job, oldest first.
    fileprivate(set) var held: [RunID] = []
    /// Set where `catch_up: all` missed more fire times than one plan takes: the catch-up goes on through the fire
    /// times that were due up to here. nil: every missed fire time is planned.
    fileprivate(set) var catchUpEnd: Instant?
    /// Looks at its running pipelines that have no answer yet.
    fileprivate var looksUnderWay = 0
    /// The log has told that the job is not enabled.
    fileprivate var isPauseTold = false
    /// GitLab has answered the looks, and the job has not been planned since.
    fileprivate var isLookedAt = false
}

/// The declared jobs, their open runs, and which jobs are due to be planned.
struct JobTable: Sendable {
    /// Jobs planned in one decision. The first batch is small where there are many, so that its POSTs leave early.
    /// While they are under way, the scheduler plans and commits the next batch.
    private static let firstBatch = 64
    private static let batch = 128

    private(set) var states: [JobState] = []
    private var places: [String: Int] = [:]
    /// Jobs whose timer rang and that are not planned yet.
    private var due: [Int] = []
    /// How many jobs have fire times that another instance decided and that have no rows yet.
    private var unrecorded = 0
    /// Jobs that are not planned before some of their claims are posted.
    private(set) var putOff: Set<Int> = []

    var hasDue: Bool { !due.isEmpty }

    /// Whether no job has to be planned now, and none waits for a look before that.
    var isPlanned: Bool {
        due.isEmpty && putOff.isEmpty && !states.contains { $0.looksUnderWay > 0 }
    }

    func place(of name: String) -> Int? { places[name] }

    func state(of name: String) -> JobState? { places[name].map { states[$0] } }

    func job(named name: String) -> Job? { state(of: name)?.job }

    /// Takes another set of jobs, each with the instant up to which its fire times are decided. Held claims stay held.
    mutating func declare(_ declared: [(job: Job, covered: Instant)], open: [Run]) {
        let runs = Dictionary(grouping: open, by: \.id.job)
        states = declared.map { job, covered in
            let runs = runs[job.name] ?? []
            return JobState(
                job: job, covered: covered, unrecordedUntil: state(of: job.name)?.unrecordedUntil,
                runs: runs.map(\.id),
                going: runs.count(where: \.isGoing),
                held: state(of: job.name)?.held ?? [], catchUpEnd: state(of: job.name)?.catchUpEnd)
        }
        unrecorded = states.count { $0.unrecordedUntil != nil }
        putOff = []
        places = Dictionary(states.enumerated().map { ($0.element.job.name, $0.offset) }) { first, _ in first
        }
    }

    // MARK: Planning

    mutating func makeAllDue() { due = Array(states.indices) }

    mutating func makeDue(_ place: Int) {
        putOff.remove(place)
        due.append(place)
    }

    mutating func putOff(_ place: Int) { putOff.insert(place) }

    /// The next jobs to plan; `isFirst`: no POST is on its way to GitLab yet.
    mutating func takeDue(isFirst: Bool) -> [Int] {
        let size = isFirst && due.count > Self.batch ? Self.firstBatch : Self.batch
        let taken = due.prefix(size).filter(states.indices.contains)
        due.removeFirst(min(size, due.count))
        return taken
    }

    mutating func planned(_ place: Int, through covered: Instant, catchUpEnd: Instant?) {
        states[place].catchUpEnd = catchUpEnd
        states[place].covered = covered
    }

    /// Goes on with a catch-up of the fire times that were due up to here.
    mutating func catchesUp(_ place: Int, until end: Instant) { states[place].catchUpEnd = end }

    /// Another instance decided the fire times from `start` to `end`, and their rows are still to be written.
    mutating func lacks(_ place: Int, from start: Instant, until end: Instant) {
        unrecorded += states[place].unrecordedUntil == nil ? 1 : 0
        (states[place].covered, states[place].unrecordedUntil) = (start, end)
    }

    /// The fire times that another instance decided have their rows up to here. Returns the new mark.
    mutating func recorded(_ place: Int, through instant: Instant, isAll: Bool) -> Instant {
        if isAll {
            unrecorded -= states[place].unrecordedUntil == nil ? 0 : 1
            states[place].unrecordedUntil = nil
        }
        states[place].covered = max(states[place].covered, instant)
        return states[place].covered
    }

    /// The jobs whose marks are later than `instant`.
    func places(coveredBeyond instant: Instant) -> [Int] {
        states.indices.filter { states[$0].covered > instant }
    }

    /// Fire times after `mark` are undecided again.
    mutating func bringBack(_ place: Int, to mark: Instant) {
        states[place].covered = mark
        states[place].unrecordedUntil = states[place].unrecordedUntil.map { min($0, mark) }
    }

    /// Whether every fire time that another instance decided has its row.
    var isRecorded: Bool { unrecorded == 0 }

    /// Whether the scheduler looks at the job's running pipelines before it plans the job. Once after a look, the
    /// answer is no.
    mutating func asksForLook(_ place: Int) -> Bool {
        guard states[place].job.overlap == .skip, states[place].going > 0, !states[place].isLookedAt else {
            states[place].isLookedAt = false
            return false
        }
        return true
    }

    mutating func looks(_ place: Int, at count: Int) { states[place].looksUnderWay = count }

    /// GitLab has answered one look. After the last one, the job is due again.
    mutating func looked(_ name: String) {
        guard let place = places[name], states[place].looksUnderWay > 0 else { return }
        states[place].looksUnderWay -= 1
        guard states[place].looksUnderWay == 0 else { return }
        states[place].isLookedAt = true
        due.append(place)
    }

    // MARK: Open runs

    /// A run of the job is open from now on.
    mutating func began(_ id: RunID, isGoing: Bool) {
        guard let place = places[id.job] else { return }
        states[place].runs.append(id)
        states[place].going += isGoing ? 1 : 0
    }

    mutating func ended(_ id: RunID) {
        release(id)
        places[id.job].map { states[$0].runs.removeAll { $0 == id } }
    }

    /// Keeps a claim back until the earlier runs of its job are over.
    mutating func hold(_ id: RunID) {
        guard let place = places[id.job] else { return }
        let isNewest = states[place].held.last.map { $0 < id } ?? true
        states[place].held.append(id)
        if !isNewest { states[place].held.sort() }
    }

    mutating func release(_ id: RunID) {
        places[id.job].map { states[$0].held.removeAll { $0 == id } }
    }

    /// Whether the log tells the job's skips. For a job that is not enabled it tells them once.
    mutating func tellsSkips(of place: Int) -> Bool {
        guard !states[place].job.isEnabled else { return true }
        defer { states[place].isPauseTold = true }
        return !states[place].isPauseTold
    }

    func isHeld(_ id: RunID) -> Bool { state(of: id.job)?.held.contains(id) ?? false }

    /// Counts a run of the job in or out. Returns the held claim whose turn it is, when no other run of the job is
    /// going.
    mutating func count(_ change: Int, of name: String) -> RunID? {
        guard change != 0, let place = places[name] else { return nil }
        states[place].going = max(0, states[place].going + change)
        guard change < 0, !states[place].held.isEmpty, states[place].going <= states[place].held.count else {
            return nil
        }
        return states[place].held.removeFirst()
    }
}

extension Job {
    /// Whether a run may be posted while an earlier one is open.
    var runsBesideEarlier: Bool { self.overlap == .allow || self.overlap == .cancel }
}

extension Run {
    /// Open and not blocked: only a run like this is in the way of the next one.
    var isGoing: Bool { state.isOpen && state != .blocked }
}
