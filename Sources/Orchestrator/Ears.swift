import CivilTime
import HTTP
import Synchronization

/// What answers tell beside their bodies: GitLab's clock, and how many requests it takes.
final class Ears: Sendable {
    private let state = Mutex(Consultation.Heard())

    var heard: Consultation.Heard { state.withLock(\.self) }

    /// `Date` is cut to seconds, and was written half-way between question and answer.
    func hear(_ response: HTTPResponse, from start: Instant, to end: Instant) {
        let middle = start.advanced(by: start.duration(to: end) / 2)
        let date = response.header("Date").flatMap(Instant.init(httpDate:))
        let limit = response.header("RateLimit-Limit").flatMap { Int($0) }
        state.withLock { state in
            if let date {
                state.clockAhead.append(date.advanced(by: .milliseconds(500)).duration(to: middle))
            }
            state.requestLimit = limit ?? state.requestLimit
        }
    }
}
