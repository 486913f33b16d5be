public import CivilTime

/// What a tick decides for one job.
public struct Plan: Hashable, Sendable {
    /// Fire times to run, oldest first.
    public var claims: [Instant] = []
    /// Fire times that will not run, and why.
    public var skips: [Skip] = []
    /// Whether the job's open runs are to be cancelled.
    public var cancelsEarlier = false
    /// Every fire time up to this one is in `claims` or `skips`, or was decided before.
    public var coveredThrough: Instant
    /// When the job has to be planned again; nil when it never fires again.
    public var wake: Instant?
}

/// A fire time that is not run.
public struct Skip: Hashable, Sendable {
    public var fireTime: Instant
    public var reason: SkipReason

    public init(_ fireTime: Instant, _ reason: SkipReason) {
        self.fireTime = fireTime
        self.reason = reason
    }
}

/// Why a fire time is not run. `description` is what the ledger keeps.
public enum SkipReason: Hashable, Sendable, CustomStringConvertible {
    /// An earlier run of the job was still open.
    case overlap
    /// So many fire times of the job were waiting already.
    case queueFull(Int)
    /// Found too late for the job's misfire grace.
    case misfire(late: Duration)
    /// Found late, where `catch_up` is `none`.
    case missed(late: Duration)
    /// A newer fire time was due at the same time and runs in its place.
    case superseded
    /// The job is not enabled.
    case paused
    /// Another instance decided about it, and its ledger is not there; GitLab has no pipeline.
    case unrecorded

    public var description: String {
        switch self {
        case .overlap: "overlap: an earlier run was still open"
        case .queueFull(let count): "overlap: \(count) fire times were waiting already"
        case .misfire(let late): "misfire: found \(late.rounded) late"
        case .missed(let late): "missed: found \(late.rounded) late, and catch_up is none"
        case .superseded: "superseded by a newer fire time in catch-up"
        case .paused: "paused: the job is not enabled"
        case .unrecorded: "unrecorded: GitLab has no pipeline for it, and the ledger that knew why was lost"
        }
    }
}

/// The bounds of one plan. The numbers are generous: they are there so that nothing grows without end.
enum PlanLimit {
    /// Fire times decided for one job in one tick; the rest follows in the next one.
    static let fireTimes = 1_000
    /// Runs of one job that may wait for an earlier one (`overlap: queue`).
    static let waiting = 100
    /// What is found later than this was missed (`catch_up: none`), and not just by a slow tick or a handover, which takes up
    /// to 20 seconds. A running scheduler is later than that only where the machine stood still.
    static let punctual = Duration.seconds(30)
}

extension Job {
    /// What to do about the fire times in (`covered`, `now`]. Deciding changes nothing.
    ///
    /// `open` counts the job's runs that are not over.
    public func plan(coveredThrough covered: Instant, open: Int, now: Instant) -> Plan {
        let (due, more) = fireTimes(after: covered, dueBy: now, limit: PlanLimit.fireTimes)
        var plan = Plan(coveredThrough: due.last ?? covered)
        plan.wake = more ? now : nextDue(after: plan.coveredThrough)
        guard self.isEnabled else {
            plan.skips = due.map { Skip($0, .paused) }
            return plan
        }
        let timely = sortOutMisfires(due, now: now, into: &plan)
        let wanted = newest(of: timely, more: more, now: now, into: &plan)
        admit(wanted, open: open, into: &plan)
        return plan
    }

    private func sortOutMisfires(_ due: [Instant], now: Instant, into plan: inout Plan) -> [Instant] {
        guard self.misfireGrace != nil || self.catchUp == .none else { return due }
        return due.filter { fireTime in
            let late = lateness(of: fireTime, at: now)
            if let grace = self.misfireGrace, late > grace {
                plan.skips.append(Skip(fireTime, .misfire(late: late)))
            } else if self.catchUp == .none, late > PlanLimit.punctual {
                plan.skips.append(Skip(fireTime, .missed(late: late)))
            } else {
                return true
            }
            return false
        }
    }

    /// Of several only the newest runs, but for `catch_up: all`; the others say why they do not.
    private func newest(of due: [Instant], more: Bool, now: Instant, into plan: inout Plan) -> [Instant] {
        guard self.catchUp != .all || self.overlap == .cancel else { return due }
        let kept = more ? [] : due.suffix(1)
        plan.skips += due.dropLast(kept.count).map { fireTime in
            let late = lateness(of: fireTime, at: now)
            return Skip(fireTime, self.catchUp == .none ? .missed(late: late) : .superseded)
        }
        return Array(kept)
    }

    /// Applies the overlap policy. Several fire times get here only by `catch_up: all`, where the point
    /// is to run each of them: with `skip` they wait for one another, and only an older open run stops them.
    private func admit(_ due: [Instant], open: Int, into plan: inout Plan) {
        switch self.overlap {
        case .allow:
            plan.claims = due
        case .cancel:
            plan.claims = due
            plan.cancelsEarlier = open > 0 && !due.isEmpty
        case .skip:
            plan.claims = open == 0 ? due : []
            if open > 0 { plan.skips += due.map { Skip($0, .overlap) } }
        case .queue:
            let room = max(0, PlanLimit.waiting + 1 - open)
            plan.claims = Array(due.prefix(room))
            plan.skips += due.dropFirst(room).map { Skip($0, .queueFull(PlanLimit.waiting)) }
        }
    }
}
