import Foundation

/// The seeds of a random test. A failure names its seed; `SEED=123` replays it, and `SEEDS=2000` tries 2,000 seeds.
public enum Seeds {
    /// The first `quick` seeds, or the first `full` ones with `ORCHESTRATE_FULL_TESTS=1`.
    public static func first(_ quick: UInt64, full: UInt64? = nil) -> [UInt64] {
        let environment = ProcessInfo.processInfo.environment
        if let one = environment["SEED"].flatMap(UInt64.init) { return [one] }
        let count = environment["ORCHESTRATE_FULL_TESTS"] == "1" ? full ?? quick : quick
        return Array(0..<(environment["SEEDS"].flatMap(UInt64.init) ?? count))
    }
}
