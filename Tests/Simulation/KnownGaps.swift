import Foundation

/// What the scheduler is known not to get right yet: left out of the seeds, so that they stay green and find what
/// is new. `GAPS=clockSetFar,twoWatchers` lets these in.
enum KnownGap: String {
    /// A clock that is set by more than a minute while the answer to a POST is lost: the search for the pipeline
    /// begins where the clock stood when the run was claimed, which may be later than the pipeline.
    case clockSetFar
    /// A lease is measured with the wall clock: one that is set back, by less than passed since the last look at
    /// it, makes the lease longer by as much.
    case leaseOnTheWallClock
    /// An instance that began beside an older one does not vouch for its ledger at its end: whoever begins with that looks
    /// up what fell due in between, and waits for the settle time before it believes that there is nothing.
    case notVouchedFor

    var isOpen: Bool {
        let named = ProcessInfo.processInfo.environment["GAPS"]?.split(separator: ",") ?? []
        return !named.contains(Substring(rawValue))
    }
}
