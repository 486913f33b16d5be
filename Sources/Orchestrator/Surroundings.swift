import CivilTime
import Scheduling

/// What the loop needs of the world: real in `Service`, virtual in the simulation.
struct Surroundings {
    /// The only reading of the clocks.
    var clock: () -> ClockReading
    /// Starts an errand; its answer is given to a later step.
    var start: (Errand) -> Void
    /// Asks for a step at the instant, or soon enough when there is none.
    var arm: (_ wake: Instant?, _ now: Instant) -> Void
    var log: (Notice, _ now: Instant) -> Void
    /// Whether nothing waits to be handled.
    var isIdle: () -> Bool
    /// Reads the job files. Nil if a file has an error, which is already in the log.
    var readJobs: () -> [Job]?
}
