import Foundation
import Testing

@testable import Cron

/// How the suite is run: `SEED=123` replays a random test, `ORCHESTRATE_FULL_TESTS=1` takes all zones and time.
enum Suite {
    static let seed =
        ProcessInfo.processInfo.environment["SEED"].flatMap(UInt64.init) ?? .random(in: 0...999_999)
    static let isFull = ProcessInfo.processInfo.environment["ORCHESTRATE_FULL_TESTS"] == "1"
    static let database = ZoneDatabase(directory: nil)
    /// One name for each set of rules.
    static let differentZones: [String] = {
        var seen: Set<ZoneRules> = []
        return database.names.filter { name in
            (try? database.zone(named: name).rules).map { seen.insert($0).inserted } ?? false
        }
    }()
    /// Zones and times whose rules are settled. Foundation brings its own tz data, of another version than the
    /// system's, so the two can be compared only here.
    static let settledZones = [
        "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Chatham", "Europe/Dublin",
        "America/St_Johns", "Australia/Sydney", "America/Los_Angeles", "Europe/London", "Asia/Tokyo",
    ]
    static let settledTime = 315_532_800..<1_577_836_800  // 1980 to 2020
    /// Whole hours, half an hour, an odd offset, both hemispheres, negative daylight saving, a lost day.
    static let zones = [
        "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Chatham", "Africa/Casablanca",
        "Europe/Dublin", "America/St_Johns", "Asia/Tehran", "Pacific/Apia", "Asia/Kolkata",
    ]
}

func instant(_ text: String) throws -> Instant {
    try #require(Instant(rfc3339: text), "\(text) is not a timestamp")
}

func schedule(_ expression: String, _ zone: String = "UTC") throws -> Schedule {
    Schedule(try CronExpression(expression), in: try Suite.database.zone(named: zone))
}

extension Schedule {
    /// The fire times in `(after, through]`.
    func fires(after: Instant, through: Instant) -> [Instant] {
        var fires: [Instant] = []
        var last = after
        while let fire = next(after: last), fire <= through {
            guard fire > last else {
                Issue.record("\(expression) in \(zone) fires at \(fire.rfc3339) after \(last.rfc3339)")
                break
            }
            fires.append(fire)
            last = fire
        }
        return fires
    }
}
