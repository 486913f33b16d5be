public import CivilTime
import Foundation

/// How to run the tests: `SEED=123` replays a random test, `ORCHESTRATE_FULL_TESTS=1` takes all zones and years.
public enum Suite {
    public static let seed =
        ProcessInfo.processInfo.environment["SEED"].flatMap(UInt64.init) ?? .random(in: 0...999_999)
    public static let isFull = ProcessInfo.processInfo.environment["ORCHESTRATE_FULL_TESTS"] == "1"
    public static let database = ZoneDatabase(directory: nil)
    /// One name for each set of rules.
    public static let differentZones: [String] = {
        var seen: Set<ZoneRules> = []
        return database.names.filter { name in
            (try? database.zone(named: name).rules).map { seen.insert($0).inserted } ?? false
        }
    }()
    /// Zones and times whose rules are settled. Foundation has its own tz data, of another version than the system's,
    /// so tests can compare the two only here.
    public static let settledZones = [
        "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Chatham", "Europe/Dublin",
        "America/St_Johns", "Australia/Sydney", "America/Los_Angeles", "Europe/London", "Asia/Tokyo",
    ]
    public static let settledTime = 315_532_800..<1_577_836_800  // 1980 to 2020
    /// Whole hours, half an hour, an odd offset, both hemispheres, negative daylight saving, a lost day.
    public static let zones = [
        "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Chatham", "Africa/Casablanca",
        "Europe/Dublin", "America/St_Johns", "Asia/Tehran", "Pacific/Apia", "Asia/Kolkata",
    ]
}
