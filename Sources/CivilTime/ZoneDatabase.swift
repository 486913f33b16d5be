import Synchronization
import Text

/// The system's tz database. It reads each zone once. `UTC` and `Etc/UTC` need no file.
public final class ZoneDatabase: Sendable {
    private let directory: ZoneDirectory
    private let zones = Mutex<[String: Zone]>([:])

    public static let systemDirectory = "/usr/share/zoneinfo"

    /// `directory`: the folder of the zone files (the caller passes `TZDIR`); nil or empty: `systemDirectory`.
    public init(directory: String?) {
        let given = directory.flatMap { $0.isEmpty ? nil : $0 }
        self.directory = ZoneDirectory(path: given ?? Self.systemDirectory)
    }

    /// The zone with a name such as `Europe/Berlin`. Names are case-sensitive.
    ///
    /// Throws if there is no such zone, its file is damaged, or there is no tz database at all.
    public func zone(named name: String) throws(ZoneError) -> Zone {
        if name == "UTC" || name == "Z" { return .utc }
        if name == "Etc/UTC" { return Zone(name: name, rules: nil) }
        let found = zones.withLock { zones in
            Result { () throws(ZoneError) in
                if let zone = zones[name] { return zone }
                guard ZoneDatabase.isName(name) else { throw unknown(name) }
                let zone = try read(name)
                zones[name] = zone
                return zone
            }
        }
        return try found.get()
    }

    /// The names of all zones, in order; empty: there is no tz database.
    public var names: [String] { directory.zoneNames() }

    private func read(_ name: String) throws(ZoneError) -> Zone {
        switch directory.contents(ofFile: name, maxSize: ZoneFile.maxSize) {
        case .bytes(let bytes):
            do {
                return Zone(name: name, rules: try ZoneFile.rules(in: bytes))
            } catch {
                throw ZoneError(
                    message: "time zone '\(name)': \(directory.path)/\(name) is damaged: \(error.reason)",
                    hint: "install the tz database again (apt-get install --reinstall tzdata)")
            }
        case .absent: throw unknown(name)
        case .notAFile: throw unknown(name, because: ": it is a region, not a zone")
        case .unreadable(let reason):
            throw ZoneError(
                message: "time zone '\(name)': \(directory.path)/\(name) cannot be read: \(reason)", hint: nil
            )
        }
    }

    private func unknown(_ name: String, because reason: String = "") -> ZoneError {
        let names = self.names
        guard !names.isEmpty else {
            return ZoneError(
                message: "time zone \(Spelling.quoted(name)): there is no tz database in \(directory.path)",
                hint: "install it (apt-get install tzdata), set TZDIR to where it lies, or use UTC")
        }
        return ZoneError(
            message: "unknown time zone \(Spelling.quoted(name))\(reason)",
            hint: ZoneDatabase.suggestion(for: name, among: names) ?? "a name such as Europe/Berlin, or UTC")
    }

    /// The zone that the author probably meant: in other letter case, by its city alone, or misspelled.
    private static func suggestion(for name: String, among names: [String]) -> String? {
        guard name.utf8.count <= 64 else { return nil }
        let wanted = String(name.lowercased().map { $0 == " " ? "_" : $0 })
        if let offset = offsetName(wanted, among: names) { return offset }
        if let same = names.first(where: { $0.lowercased() == wanted }) { return same }
        let ofCity = names.filter { $0.lowercased().hasSuffix("/" + wanted) }
        if ofCity.count == 1 { return ofCity.first }
        // Any short name is close to most other short names.
        guard wanted.utf8.count > 4 else { return nil }
        return Spelling.suggestion(for: wanted, among: names, limit: 2)
    }

    /// For `GMT+2`, `UTC-5` and `+02:00`: the names of fixed offsets have the sign of POSIX, which is the opposite.
    private static func offsetName(_ wanted: String, among names: [String]) -> String? {
        let text = ["gmt", "utc"].first(where: wanted.hasPrefix).map { wanted.dropFirst($0.count) }
        let number = text ?? wanted[...]
        guard let sign = number.first, sign == "+" || sign == "-" else { return nil }
        let hours = number.dropFirst().prefix { $0 != ":" }.prefix(2)
        let minutes = number.dropFirst(1 + hours.count).filter { $0 != ":" }
        guard let count = Int(hours), count > 0, minutes.allSatisfy({ $0 == "0" }) else { return nil }
        let name = "Etc/GMT\(sign == "+" ? "-" : "+")\(count)"
        guard names.contains(name) else { return nil }
        return
            "\(name), which is \(sign)\(count) hours from UTC; or a city such as Europe/Berlin, with its daylight saving"
    }

    /// Whether a look-up of the name stays inside the directory: letters, digits and `_+-` between slashes.
    private static func isName(_ name: String) -> Bool {
        let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return name.utf8.count <= 255 && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(isNameByte) }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte.isDigit || byte.isLetter || "_+-".utf8.contains(byte)
    }
}

/// Why there is no such zone.
public struct ZoneError: Error, Hashable, Sendable, CustomStringConvertible {
    public let message: String
    /// What to try: another name, or a way to get the tz database.
    public let hint: String?

    public var description: String {
        hint.map { "\(message) (try: \($0))" } ?? message
    }
}
