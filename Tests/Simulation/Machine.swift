import CivilTime
import Orchestrator
import Synchronization

/// The true time of a simulation. GitLab's clock shows it.
final class TrueTime: Sendable {
    private let state: Mutex<Instant>

    init(_ start: Instant) { state = Mutex(start) }

    var now: Instant {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

/// A machine whose clock may be wrong.
final class Machine: Sendable {
    private struct State {
        /// How far its clock is ahead of the true time.
        var ahead: Duration
        /// The latest time that it showed before it was set back.
        var latest = Instant.distantPast
        var wasSetBy = Duration.zero
        /// A temporary jump: the clock is ahead by this much more. No scheduler may believe it.
        var jump = Duration.zero
        var hasJumped = false
    }

    private let time: TrueTime
    private let state: Mutex<State>

    init(ahead: Duration, of time: TrueTime) {
        self.time = time
        state = Mutex(State(ahead: ahead))
    }

    /// The time of its clock without a jump.
    var clock: Instant { time.now.advanced(by: state.withLock(\.ahead)) }
    var ahead: Duration { state.withLock(\.ahead) }
    /// The latest time that its clock has ever shown.
    var latest: Instant { max(clock, state.withLock(\.latest)) }
    /// Whether there was a jump. A scheduler may take a later step of the clock for a part of it.
    var hasJumped: Bool { state.withLock(\.hasJumped) }
    /// The sum of all steps of the clock.
    var wasSetBy: Duration { state.withLock(\.wasSetBy) }
    /// Both of its clocks.
    var reading: ClockReading {
        ClockReading(
            wall: clock.advanced(by: state.withLock(\.jump)), uptime: .microseconds(time.now.microseconds))
    }

    func jump(by step: Duration) {
        state.withLock { state in
            state.jump = step
            state.hasJumped = state.hasJumped || step != .zero
        }
    }

    func setClock(by step: Duration) {
        let before = clock
        state.withLock { state in
            state.latest = max(state.latest, before)
            state.ahead += step
            state.wasSetBy += step < .zero ? step * -1 : step
        }
    }
}
