import Foundation

/// A period with one UTC offset. Instants are seconds since 1970.
public struct Span: Equatable, Sendable {
    public let start: Int
    public var end: Int
    public let offset: Int

    public func contains(_ instant: Int) -> Bool { start <= instant && instant < end }

    public init(start: Int, end: Int, offset: Int) {
        (self.start, self.end, self.offset) = (start, end, offset)
    }
}

/// The C library's view of the tz database, by its program `zdump`: other code reads the same files.
public struct Zdump: Sendable {
    /// The UTC offsets of each zone, from the beginning of one year to the beginning of another.
    private let spans: [String: [Span]]

    /// All zones in a full run, a few in a quick one.
    public static let names =
        Suite.isFull ? Suite.database.names : Array(Set(Suite.zones + Suite.settledZones)).sorted()
    public static let years = Suite.isFull ? 1_850..<2_150 : 1_960..<2_060
    /// Without the program, tests that need it fail: nobody would notice a check that is skipped.
    private static let shared = Result { try Zdump() }

    struct UnknownZone: Error {
        let name: String
    }

    struct DidNotRun: Error, CustomStringConvertible {
        let status: Int32

        var description: String {
            "zdump ended with \(status): is it installed? Debian's libc-bin has it, `make setup` sees to it"
        }
    }

    public static func spans(of zone: String) throws -> [Span] {
        guard let spans = try shared.get().spans[zone] else { throw UnknownZone(name: zone) }
        return spans
    }

    private init() throws {
        // Asks only once for zones whose files are the same.
        var namesOfFile: [Data: [String]] = [:]
        for name in Zdump.names {
            let file = URL(filePath: "/usr/share/zoneinfo").appending(path: name)
            namesOfFile[try Data(contentsOf: file), default: []].append(name)
        }
        let representatives = namesOfFile.values.compactMap(\.first)
        var reader = IntervalReader(bytes: try Zdump.intervals(of: representatives))
        let found = try reader.zones(Zdump.years)
        spans = namesOfFile.values.reduce(into: [:]) { spans, names in
            for name in names { spans[name] = names.first.flatMap { found[$0] } }
        }
    }

    private static func intervals(of zones: [String]) throws -> [UInt8] {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["zdump", "-i", "-c", "\(years.lowerBound),\(years.upperBound)"] + zones
        process.environment = ProcessInfo.processInfo.environment.filter { $0.key != "TZDIR" }
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw DidNotRun(status: process.terminationStatus) }
        return Array(data ?? Data())
    }
}

/// Reads what `zdump -i` prints: for each zone a line with its name, the first offset, and each change by the local
/// time that follows it.
///
///     TZ="America/New_York"
///     -             -          -045602  LMT
///     1883-11-18    12         -05      EST
///     1918-03-31    03         -04      EDT    1
private struct IntervalReader {
    struct Unreadable: Error {}

    let bytes: [UInt8]
    var position = 0

    mutating func zones(_ years: Range<Int>) throws -> [String: [Span]] {
        let start = NaiveDate(year: years.lowerBound, month: 1, day: 1).daysSince1970 * 86_400
        let end = NaiveDate(year: years.upperBound, month: 1, day: 1).daysSince1970 * 86_400
        var zones: [String: [Span]] = [:]
        var name = ""
        while position < bytes.count {
            let line = bytes[position...].prefix { $0 != UInt8(ascii: "\n") }
            position = line.endIndex + 1
            if line.first == UInt8(ascii: "T") {
                name = String(decoding: line.dropFirst(4).dropLast(), as: UTF8.self)
                continue
            }
            guard !line.isEmpty else { continue }
            let fields = line.split(separator: UInt8(ascii: "\t"))
            let offset = try clock(fields[2].dropFirst()) * (fields[2].first == UInt8(ascii: "-") ? -1 : 1)
            guard fields[0].count > 1 else {
                zones[name] = [Span(start: start, end: end, offset: offset)]
                continue
            }
            let change = try day(fields[0]) * 86_400 + clock(fields[1]) - offset
            try IntervalReader.add(offset, at: change, to: &zones[name, default: []])
        }
        return zones
    }

    /// A change that only changes the name does not count.
    private static func add(_ offset: Int, at change: Int, to spans: inout [Span]) throws {
        guard let last = spans.last, last.start < change, change < last.end else { throw Unreadable() }
        guard last.offset != offset else { return }
        spans[spans.count - 1].end = change
        spans.append(Span(start: change, end: last.end, offset: offset))
    }

    /// `1883-11-18`, in days from 1970.
    private func day(_ text: ArraySlice<UInt8>) throws -> Int {
        let parts = text.split(separator: UInt8(ascii: "-")).map(number)
        guard parts.count == 3 else { throw Unreadable() }
        return NaiveDate(year: parts[0], month: parts[1], day: parts[2]).daysSince1970
    }

    /// `12`, `00:44:30` or `004430`, in seconds.
    private func clock(_ text: ArraySlice<UInt8>) throws -> Int {
        let digits = text.filter { $0 != UInt8(ascii: ":") }
        guard [2, 4, 6].contains(digits.count) else { throw Unreadable() }
        let parts = (0..<3).map { number(digits.dropFirst(2 * $0).prefix(2)) }
        return parts[0] * 3_600 + parts[1] * 60 + parts[2]
    }

    private func number(_ digits: some Sequence<UInt8>) -> Int {
        digits.reduce(0) { 10 * $0 + Int($1) - 48 }
    }
}
