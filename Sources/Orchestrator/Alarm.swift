import Cron
@preconcurrency import Dispatch
import Glibc

/// One one-shot Dispatch timer on the wall clock, armed anew for each wake.
///
/// Never a repeating one: Dispatch merges the ticks of a repeating timer that the machine had no time for.
/// It rings a minute after it was armed at the latest, so that a clock that was set is noticed.
final class Alarm {
    private static let longest = Duration.seconds(60)

    private let timer: any DispatchSourceTimer

    /// `ring` is called on `queue`.
    init(queue: DispatchQueue, ring: @escaping @Sendable () -> Void) {
        timer = DispatchSource.makeTimerSource(queue: queue)
        timer.setEventHandler(handler: ring)
        timer.schedule(wallDeadline: .distantFuture)
        timer.activate()
    }

    func set(for instant: Instant?, now: Instant) {
        let latest = now.advanced(by: Self.longest)
        let wake = min(instant ?? latest, latest).microseconds
        let time = timespec(tv_sec: Int(wake / 1_000_000), tv_nsec: Int(wake % 1_000_000) * 1_000)
        timer.schedule(wallDeadline: DispatchWallTime(timespec: time), leeway: .nanoseconds(0))
    }

    deinit { timer.cancel() }
}
