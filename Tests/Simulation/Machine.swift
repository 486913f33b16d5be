import CivilTime
import Orchestrator
import Synchronization

/// The true time of a simulation, which is GitLab's.
final class TrueTime: Sendable {
    private let state: Mutex<Instant>

    init(_ start: Instant) { state = Mutex(start) }

    var now: Instant {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

/// A machine with its own idea of the time.
final class Machine: Sendable {
    private struct State {
        /// How far its clock is ahead of the true time.
        var ahead: Duration
        /// The latest it has shown before it was set back.
        var latest = Instant.distantPast
        var wasSetBy = Duration.zero
        /// For a while its clock is ahead by so much more, which nobody may believe.
        var jump = Duration.zero
        var hasJumped = false
    }

    private let time: TrueTime
    private let state: Mutex<State>

    init(ahead: Duration, of time: TrueTime) {
        self.time = time
        state = Mutex(State(ahead: ahead))
    }

    /// What its clock shows, but for a jump.
    var clock: Instant { time.now.advanced(by: state.withLock(\.ahead)) }
    var ahead: Duration { state.withLock(\.ahead) }
    /// The latest that its clock has ever shown.
    var latest: Instant { max(clock, state.withLock(\.latest)) }
    /// Whether what it was set by may have been taken for a part of a jump, and heeded after that.
    var hasJumped: Bool { state.withLock(\.hasJumped) }
    /// By how much it was set in all.
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
