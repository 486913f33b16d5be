public import CivilTime
import Glibc

/// The wall clock and the uptime, read together.
///
/// Fire times are on the wall clock, which a person or a time service may set. The uptime counts on while the machine
/// sleeps, and nobody can set it, so it measures what passes between two moments.
public struct ClockReading: Hashable, Sendable {
    public var wall: Instant
    public var uptime: Duration

    public init(wall: Instant, uptime: Duration) {
        self.wall = wall
        self.uptime = uptime
    }

    /// Reads the wall clock first. If the process is stopped between the two readings, it takes its proofs for older
    /// than they are, never for younger.
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
    /// The wall clock. The process passes this instant to all code that decides; no other code reads the clock. A
    /// machine that does not know the time yet may show a time before 1970, which no ledger keeps. Such a time counts
    /// as the first moment of 1970.
    public static func clock() -> Instant { max(read(CLOCK_REALTIME), Instant(microseconds: 0)) }

    fileprivate static func read(_ clock: clockid_t) -> Instant {
        var time = timespec()
        clock_gettime(clock, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }
}
