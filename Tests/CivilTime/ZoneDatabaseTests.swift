import Foundation
import TestSupport
import Testing

@testable import CivilTime

@Suite struct ZoneDatabaseTests {
    /// A wrong name, and the name that its author meant.
    @Test(arguments: [
        ("europe/berlin", "Europe/Berlin"), ("EUROPE/BERLIN", "Europe/Berlin"), ("Berlin", "Europe/Berlin"),
        ("Europe/Berlim", "Europe/Berlin"), ("Europe/Belrin", "Europe/Berlin"),
        ("New York", "America/New_York"), ("America/New York", "America/New_York"),
        ("utc", "UTC"), ("Asia/Calcuta", "Asia/Calcutta"), ("Amercia/Chicago", "America/Chicago"),
    ])
    func `says what was meant`(name: String, meant: String) throws {
        let error = try #require(throws: ZoneError.self) { try Suite.database.zone(named: name) }
        #expect(error.message == "unknown time zone '\(name)'")
        #expect(error.hint == meant)
        #expect(error.description == "unknown time zone '\(name)' (try: \(meant))")
    }

    @Test(arguments: [
        "", "/", "/etc/passwd", "../../etc/passwd", "Europe/../Europe/Berlin", "Europe//Berlin",
        "Europe/Berlin/",
        "/usr/share/zoneinfo/Europe/Berlin", "zone.tab", "Europe", "Europe/Berlin\0", "+02:00", "PST", "CEST",
        String(repeating: "A", count: 100_000), "\u{1b}[31m", "Nowhere/Atall", "Europe/Berlin ",
    ])
    func `refuses other names`(name: String) throws {
        let error = try #require(throws: ZoneError.self) { try Suite.database.zone(named: name) }
        #expect(error.message.hasPrefix("unknown time zone '"))
        #expect(error.message.utf8.count < 300)
        #expect(error.message.allSatisfy { !$0.isNewline && $0 != "\u{1b}" })
        #expect(error.hint != nil)
    }

    @Test func `without a tz database only UTC is known`() throws {
        let database = ZoneDatabase(directory: "/nonexistent/zoneinfo")
        for name in ["UTC", "Etc/UTC", "Z"] {
            #expect(try database.zone(named: name).offset(at: Instant(seconds: 0)) == 0)
        }
        #expect(database.names.isEmpty)
        let error = try #require(throws: ZoneError.self) { try database.zone(named: "Europe/Berlin") }
        #expect(
            error.message == "time zone 'Europe/Berlin': there is no tz database in /nonexistent/zoneinfo")
        #expect(error.hint?.contains("apt-get install tzdata") == true)
        #expect(error.hint?.contains("TZDIR") == true)
    }

    @Test func `an empty directory name means the usual place`() throws {
        _ = try ZoneDatabase(directory: "").zone(named: "Europe/Berlin")
    }

    @Test func `all zones can be read, and their names are listed`() throws {
        let names = Suite.database.names
        #expect(names.count > 300)
        #expect(names == names.sorted())
        #expect(names.contains("America/Argentina/Buenos_Aires"))
        #expect(!names.contains { $0.contains(".") || $0.hasPrefix("posix/") || $0 == "localtime" })
        for name in names { #expect(try Suite.database.zone(named: name).name == name) }
    }

    @Test func `damaged files are refused by name and read again when they are whole`() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "zones-\(UUID().uuidString)")
        let region = directory.appending(path: "Europe")
        try FileManager.default.createDirectory(at: region, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = region.appending(path: "Berlin")
        try Data("TZif2 but no more".utf8).write(to: file)
        let database = ZoneDatabase(directory: directory.path)

        let error = try #require(throws: ZoneError.self) { try database.zone(named: "Europe/Berlin") }
        #expect(error.message.contains("\(directory.path)/Europe/Berlin is damaged: it is not a time zone"))
        #expect(error.hint?.contains("tzdata") == true)

        try Data(ZoneFileDraft().bytes).write(to: file)
        let zone = try database.zone(named: "Europe/Berlin")
        #expect(zone.offset(at: Instant(seconds: 2_000_000_000)) == 3_600)

        // The database reads a file only once, so the file may disappear.
        try FileManager.default.removeItem(at: file)
        #expect(try database.zone(named: "Europe/Berlin").rules === zone.rules)
    }

    @Test func `many tasks may ask at once`() async throws {
        let database = ZoneDatabase(directory: nil)
        let names = Suite.zones
        try await withThrowingTaskGroup(of: Zone.self) { group in
            for index in 0..<200 {
                group.addTask { try database.zone(named: names[index % names.count]) }
            }
            for try await zone in group { #expect(try database.zone(named: zone.name).rules === zone.rules) }
        }
    }
}
