public import CivilTime

/// What a tick decides for one job.
public struct Plan: Hashable, Sendable {
    /// Fire times to run, oldest first.
    public var claims: [Instant] = []
    /// Fire times that will not run, and why.
    public var skips = Skips()
    /// Whether the job's open runs are to be canceled.
    public var cancelsEarlier = false
    /// Every fire time up to this one is in `claims` or `skips`, or was decided before.
    public var coveredThrough: Instant
    /// When the job has to be planned again; nil when it never fires again.
    public var wake: Instant?
    /// More fire times are to be decided than one plan takes.
    public var hasMore = false
}

/// The bounds of one plan. The numbers are generous: they are there so that nothing grows without end.
enum PlanLimit {
    /// Fire times decided for one job in one tick, about 2 ms of work. The next tick decides the rest.
    static let fireTimes = 20_000
    /// Fire times of one job that one tick claims. While this many claims wait to be posted, the scheduler claims no
    /// more (`catch_up: all`).
    static let claims = 1_000
    /// Runs of one job that may wait for an earlier one (`overlap: queue`).
    static let waiting = 100
    /// A fire time that is found later than this was missed (`catch_up: none`). A slow tick or a handover takes up to
    /// 20 seconds. A running scheduler is later than that only where the machine stood still.
    static let punctual = Duration.seconds(30)
}

extension Job {
    /// What to do about the fire times in (`covered`, `now`]. Deciding changes nothing.
    ///
    /// `open` counts the job's runs that are not over. `end`: only fire times that were due by then are decided; nil:
    /// by now.
    public func plan(
        coveredThrough covered: Instant, open: Int, now: Instant, dueBy end: Instant? = nil
    ) -> Plan {
        var planning = Planning(of: self, coveredThrough: covered, open: open, now: now)
        let (schedule, delay) = (self.schedule, self.delay)
        let latest = min(now, end ?? now).advanced(by: .zero - delay)
        var next = schedule.next(after: covered)
        while let fireTime = next, fireTime <= latest, !planning.isFull {
            planning.decide(fireTime)
            next = schedule.next(after: fireTime)
        }
        let hasMore = next.map { $0 <= latest } ?? false
        var plan = planning.end(hasMore: hasMore)
        plan.hasMore = hasMore
        plan.wake = hasMore ? now : next?.advanced(by: delay)
        return plan
    }
}

/// A plan that is being made, one fire time after the other.
private struct Planning {
    private let now: Instant
    private let delay: Duration
    private let isEnabled: Bool
    private let grace: Duration?
    private let catchUp: CatchUpPolicy
    private let overlap: OverlapPolicy
    private let open: Int
    private var plan: Plan
    private var count = 0
    /// The newest fire time so far. It runs unless a newer one is due, too.
    private var newest: Instant?

    init(of job: Job, coveredThrough covered: Instant, open: Int, now: Instant) {
        self.now = now
        self.open = open
        delay = job.delay
        isEnabled = job.isEnabled
        grace = job.misfireGrace
        catchUp = job.catchUp
        overlap = job.overlap
        plan = Plan(coveredThrough: covered)
    }

    var isFull: Bool { count >= PlanLimit.fireTimes || plan.claims.count >= PlanLimit.claims }

    /// The next fire time that is due.
    mutating func decide(_ fireTime: Instant) {
        count += 1
        plan.coveredThrough = fireTime
        let late = lateness(of: fireTime)
        if !isEnabled {
            skip(fireTime, .paused)
        } else if let grace, late > grace {
            skip(fireTime, .misfire(late: late))
        } else if catchUp == .none, late > PlanLimit.punctual {
            skip(fireTime, .missed(late: late))
        } else if catchUp == .all, overlap != .cancel {
            admit(fireTime)
        } else {
            supersede(by: fireTime)
        }
    }

    mutating func end(hasMore: Bool) -> Plan {
        if hasMore { supersede(by: nil) } else if let newest { admit(newest) }
        return plan
    }

    private func lateness(of fireTime: Instant) -> Duration { fireTime.advanced(by: delay).duration(to: now) }

    private mutating func skip(_ fireTime: Instant, _ reason: SkipReason) {
        plan.skips.append(Skip(fireTime, reason))
    }

    /// Of several fire times only the newest runs, except with `catch_up: all`. The others become skips.
    private mutating func supersede(by fireTime: Instant?) {
        if let newest {
            skip(newest, catchUp == .none ? .missed(late: lateness(of: newest)) : .superseded)
        }
        newest = fireTime
    }

    /// Applies the overlap policy. Several fire times get here only by `catch_up: all`, where the point
    /// is to run each of them: with `skip` they wait for one another, and only an older open run stops them.
    private mutating func admit(_ fireTime: Instant) {
        switch overlap {
        case .allow: plan.claims.append(fireTime)
        case .cancel:
            plan.claims.append(fireTime)
            plan.cancelsEarlier = open > 0
        case .skip where open == 0: plan.claims.append(fireTime)
        case .skip: skip(fireTime, .overlap)
        case .queue where plan.claims.count <= PlanLimit.waiting - open: plan.claims.append(fireTime)
        case .queue: skip(fireTime, .queueFull(PlanLimit.waiting))
        }
    }
}
