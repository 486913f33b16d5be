import CivilTime

extension Job {
    /// How long after its fire time a run of this job is due: a hash of the name spread over `jitter`,
    /// so that every instance and every start agrees on it.
    public var delay: Duration {
        let room = self.jitter.inMicroseconds / 1_000
        guard room > 0 else { return .zero }
        return .milliseconds(Int64(stableHash(self.name) % UInt64(room + 1)))
    }

    /// What a run of this fire time covers.
    func interval(of fireTime: Instant) -> Interval {
        Interval(start: self.schedule.previous(before: fireTime), end: fireTime)
    }

    /// When the first fire time after `covered` falls due; nil when none ever comes.
    func nextDue(after covered: Instant) -> Instant? {
        self.schedule.next(after: covered).map { $0.advanced(by: delay) }
    }

    /// How late `fireTime` is at `now`: zero or less for one that is not due yet.
    func lateness(of fireTime: Instant, at now: Instant) -> Duration {
        fireTime.advanced(by: delay).duration(to: now)
    }
}

/// FNV-1a, 64 bits: the same on every machine and in every process, which `Hasher` is not.
func stableHash(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
}
