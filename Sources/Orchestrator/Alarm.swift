import CivilTime
@preconcurrency import Dispatch
import Glibc

/// One one-shot Dispatch timer on the wall clock, armed anew for each wake. It rings at once when the clock is set to a
/// later time. Where the clock is set back it would be late: a second one, on the clock that nobody sets, rings then.
///
/// Never a repeating one: Dispatch merges the ticks of a repeating timer that the machine had no time for.
final class Alarm {
    /// It rings a minute after it was armed at the latest: the process gives a sign of life then.
    private static let longest = Duration.seconds(60)
    /// The backup timer fires this much later than the main one.
    private static let patience = DispatchTimeInterval.milliseconds(500)

    private let timer: any DispatchSourceTimer
    private let reserve: any DispatchSourceTimer

    /// `ring` is called on `queue`.
    init(queue: DispatchQueue, ring: @escaping @Sendable () -> Void) {
        timer = DispatchSource.makeTimerSource(queue: queue)
        reserve = DispatchSource.makeTimerSource(queue: queue)
        for timer in [timer, reserve] {
            timer.setEventHandler(handler: ring)
            timer.schedule(wallDeadline: .distantFuture)
            timer.activate()
        }
    }

    func set(for instant: Instant?, now: Instant) {
        let latest = now.advanced(by: Self.longest)
        let wake = max(now, min(instant ?? latest, latest))
        let time = timespec(
            tv_sec: Int(wake.microseconds / 1_000_000), tv_nsec: Int(wake.microseconds % 1_000_000) * 1_000)
        timer.schedule(wallDeadline: DispatchWallTime(timespec: time), leeway: .nanoseconds(0))
        let pause = DispatchTimeInterval.microseconds(Int(now.duration(to: wake).inMicroseconds))
        reserve.schedule(deadline: .now() + pause + Self.patience, leeway: .milliseconds(100))
    }

    deinit {
        timer.cancel()
        reserve.cancel()
    }
}
