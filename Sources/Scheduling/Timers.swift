import CivilTime

/// What a timer is for. A timer that rings after its reason has gone does nothing.
enum Timer: Hashable, Sendable {
    case job(Int)
    case run(RunID)
    case watch(String)
    case search(String)
    case cancel(RunID)
    case lanes
    case lease
    case survey(String)
    case secondLook
    case targets
    case clock
    case handover
    case succession
    case deadline
    case prune
    case late(RunID)
    case outbox
    case heartbeat
    case end
}

/// The scheduler's timers on one wheel. A job's timer may be there several times; each other timer rings once, at the
/// earliest instant that was asked for.
struct Timers: Sendable {
    typealias Entry = TimingWheel<Timer>.Entry

    private var wheel: TimingWheel<Timer>
    /// When each timer that exists once rings next. An entry of the wheel with another time is stale.
    private var alarms: [Timer: Instant] = [:]

    init(now: Instant) { wheel = TimingWheel(now: now) }

    /// The earliest instant at which a timer may ring; nil when there is none.
    var next: Instant? { wheel.nextWake }

    /// Lets `timer` ring at `instant`, or earlier where it was to ring earlier anyway.
    mutating func set(_ timer: Timer, at instant: Instant) {
        guard instant < alarms[timer] ?? .distantFuture else { return }
        alarms[timer] = instant
        wheel.insert(timer, due: instant)
    }

    mutating func arm(job index: Int, at instant: Instant) { wheel.insert(.job(index), due: instant) }

    /// What is due by `instant`, oldest first. Ask `rings` about each one when its turn comes: the ones before it may have
    /// changed it.
    mutating func advance(to instant: Instant) -> [Entry] { wheel.advance(to: instant) }

    /// Whether the timer still rings at this time; it is over then.
    mutating func rings(_ entry: Entry) -> Bool {
        if case .job = entry.key { return true }
        guard alarms[entry.key] == entry.due else { return false }
        alarms[entry.key] = nil
        return true
    }

    mutating func forgetJobs() {
        wheel = wheel.rebuilt(at: wheel.now) { entry in
            if case .job = entry.key { nil } else { entry.due }
        }
    }

    /// Fire times stay where they are on the clock; everything that measures passing time moves with it.
    mutating func clockWasSet(by step: Duration, to now: Instant) {
        wheel = wheel.rebuilt(at: now) { entry in
            if case .job = entry.key { entry.due } else { entry.due.advanced(by: step) }
        }
        alarms = alarms.mapValues { $0.advanced(by: step) }
    }
}
