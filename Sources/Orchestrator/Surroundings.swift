import CivilTime
import Scheduling

/// What the loop needs of the world. It is real in `Service` and virtual in the simulation.
struct Surroundings {
    /// The only place that reads the clocks.
    var clock: () -> ClockReading
    /// Starts an errand. A later step gets its answer.
    var start: (Errand) -> Void
    /// Asks for a step at the instant, or within a minute if it is nil.
    var arm: (_ wake: Instant?, _ now: Instant) -> Void
    var log: (Notice, _ now: Instant) -> Void
    /// Whether no message waits.
    var isIdle: () -> Bool
    /// Reads the job files. Nil if a file has an error, which is already in the log.
    var readJobs: () -> [Job]?
    /// Keeps the metrics; nil: there are none.
    var observer: Observer?
}
