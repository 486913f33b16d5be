import CivilTime
@preconcurrency import Dispatch
import Glibc

/// A one-shot Dispatch timer on the wall clock, which the loop arms anew for each wake. When the clock is set forward
/// past the wake, it fires at once. When the clock is set back, it would fire late, so a backup timer runs on the
/// monotonic clock.
///
/// Never a repeating timer: Dispatch merges the ticks that a busy machine missed.
final class Alarm {
    /// The alarm rings at the latest this long after it was armed, so that the process gives a sign of life.
    private static let longest = Duration.seconds(60)
    /// The backup timer fires this much later than the main one.
    private static let patience = DispatchTimeInterval.milliseconds(500)

    private let timer: any DispatchSourceTimer
    private let reserve: any DispatchSourceTimer

    /// Dispatch calls `ring` on `queue`.
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
