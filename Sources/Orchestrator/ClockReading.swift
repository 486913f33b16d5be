public import CivilTime
import Glibc

/// The wall clock and the time since the machine began, read together.
///
/// Fire times are on the wall clock, which a person or a time service may set. The time since the machine began goes on
/// while the machine sleeps, and nobody can set it: it measures what passes between two moments.
public struct ClockReading: Hashable, Sendable {
    public var wall: Instant
    public var uptime: Duration

    public init(wall: Instant, uptime: Duration) {
        self.wall = wall
        self.uptime = uptime
    }

    /// The wall clock first: a process that is stopped between the two then takes its proofs for older, not for younger.
    public static func now() -> ClockReading {
        ClockReading(wall: .clock(), uptime: currentUptime())
    }

    static func currentUptime() -> Duration { .microseconds(Instant.read(CLOCK_BOOTTIME).microseconds) }

    /// By how much the wall clock was set since `earlier`.
    func step(since earlier: ClockReading) -> Duration {
        earlier.wall.duration(to: wall) - (uptime - earlier.uptime)
    }
}

extension Instant {
    /// The wall clock. Everything that decides is told this instant; nothing else reads a clock. A machine that does not
    /// know the time yet may show one before 1970, which no ledger keeps: that is 1970.
    public static func clock() -> Instant { max(read(CLOCK_REALTIME), Instant(microseconds: 0)) }

    fileprivate static func read(_ clock: clockid_t) -> Instant {
        var time = timespec()
        clock_gettime(clock, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }
}
