import Foundation
import Testing

@testable import Cron

/// glibc's view of the tz database, by its program `zdump`.
enum Zdump {
    /// What it says about one second in one zone.
    struct Line {
        let zone: String
        let moment: Instant
        let offset: Int
    }

    /// `years`: from (included) and to (not included), as `1900,2100`.
    static func lines(for zones: [String], years: String) throws -> [Line] {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/zdump")
        process.arguments = ["-v", "-c", years] + zones
        process.standardOutput = output
        try process.run()
        let data = try #require(try output.fileHandleForReading.readToEnd())
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self).split(separator: "\n").compactMap(line)
    }

    /// Reads `Europe/Berlin  Sun Mar 30 01:00:00 2025 UT = Sun Mar 30 03:00:00 2025 CEST isdst=1 gmtoff=7200`;
    /// nil for the lines about the ends of time.
    private static func line(_ text: Substring) -> Line? {
        let words = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 16, let offset = words[15].split(separator: "=").last.flatMap({ Int($0) }),
            let month = months.firstIndex(of: String(words[2])), let day = Int(words[3]), words[5].count == 4
        else { return nil }
        let date = "\(words[5])-\(month < 9 ? "0" : "")\(month + 1)-\(day < 10 ? "0" : "")\(day)"
        return Instant(rfc3339: "\(date)T\(words[4])Z").map {
            Line(zone: String(words[0]), moment: $0, offset: offset)
        }
    }
}
