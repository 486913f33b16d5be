/// Why a zone file could not be read.
struct ZoneFileError: Error, Hashable, Sendable {
    let reason: String
}

/// Reads a time zone information file, TZif versions 1 to 4 (RFC 9636).
struct ZoneFile {
    private let bytes: [UInt8]
    private var position = 0

    /// Real files are smaller than 5 kB, even those with leap seconds.
    static let maxSize = 256 * 1_024
    /// RFC 9636 requires offsets of less than 25 hours west and 26 hours east.
    private static let offsetRange = (-25 * 3_600 + 1)...(26 * 3_600 - 1)

    /// The rules in a file's bytes. Any damage is an error; the parser never guesses.
    static func rules(in bytes: [UInt8]) throws(ZoneFileError) -> ZoneRules {
        guard bytes.count <= maxSize else {
            throw ZoneFileError(reason: "it is larger than \(maxSize) bytes")
        }
        var file = ZoneFile(bytes: bytes)
        return try file.rules()
    }

    private mutating func rules() throws(ZoneFileError) -> ZoneRules {
        let first = try header()
        guard first.version >= UInt8(ascii: "2") else {
            let block = try dataBlock(first, timeSize: 4)
            guard position == bytes.count else { throw ZoneFileError(reason: "bytes follow its end") }
            return try ZoneRules(block, footer: nil)
        }
        // Newer files repeat everything with 64-bit times. The first block is for old readers.
        try skip(first.size(timeSize: 4))
        let second = try header()
        let block = try dataBlock(second, timeSize: 8)
        return try ZoneRules(block, footer: footer())
    }

    private mutating func header() throws(ZoneFileError) -> Header {
        guard bytes.count - position >= 44, bytes[position..<position + 4].elementsEqual("TZif".utf8) else {
            throw ZoneFileError(reason: "it is not a time zone information file (TZif)")
        }
        let version = bytes[position + 4]
        position += 20
        return Header(
            version: version, utFlags: try integer(4), standardFlags: try integer(4), leaps: try integer(4),
            transitions: try integer(4), types: try integer(4), characters: try integer(4))
    }

    private mutating func dataBlock(_ header: Header, timeSize: Int) throws(ZoneFileError) -> ZoneBlock {
        guard header.isSane, bytes.count - position >= header.size(timeSize: timeSize) else {
            throw ZoneFileError(reason: "it is cut short or its counts are wrong")
        }
        var block = ZoneBlock()
        for _ in 0..<header.transitions { block.times.append(try integer(timeSize)) }
        for _ in 0..<header.transitions { block.typeOfTime.append(try unsignedByte()) }
        for _ in 0..<header.types {
            block.offsets.append(try offset())
            try skip(2)
        }
        try skip(header.characters)
        for _ in 0..<header.leaps {
            block.leaps.append(Leap(time: try integer(timeSize), correction: try integer(4)))
        }
        try skip(header.standardFlags + header.utFlags)
        guard block.typeOfTime.allSatisfy({ $0 < header.types }) else {
            throw ZoneFileError(reason: "a transition names a local time type that is not there")
        }
        return block
    }

    private mutating func offset() throws(ZoneFileError) -> Int {
        let seconds = try integer(4)
        guard ZoneFile.offsetRange.contains(seconds) else {
            throw ZoneFileError(reason: "a UTC offset of \(seconds) seconds is out of range")
        }
        return seconds
    }

    /// The text between two line feeds at the end; nil: it is empty.
    private mutating func footer() throws(ZoneFileError) -> ZoneFooter? {
        let rest = bytes[position...]
        let lineFeed = UInt8(ascii: "\n")
        guard rest.count >= 2, rest.first == lineFeed, rest.last == lineFeed else {
            throw ZoneFileError(reason: "its footer is missing")
        }
        let text = Array(rest.dropFirst().dropLast())
        guard !text.isEmpty else { return nil }
        guard let footer = TailRuleParser.parse(text) else {
            throw ZoneFileError(reason: "its footer is not a rule that can be read")
        }
        return footer
    }

    private mutating func unsignedByte() throws(ZoneFileError) -> Int {
        Int(try integer(1)) & 0xFF
    }

    /// A signed big-endian integer of up to 8 bytes.
    private mutating func integer(_ size: Int) throws(ZoneFileError) -> Int {
        let start = position
        try skip(size)
        var value: Int64 = bytes[start] >= 0x80 ? -1 : 0
        for byte in bytes[start..<start + size] { value = value << 8 | Int64(byte) }
        return Int(value)
    }

    private mutating func skip(_ count: Int) throws(ZoneFileError) {
        guard count >= 0, bytes.count - position >= count else {
            throw ZoneFileError(reason: "it is cut short")
        }
        position += count
    }
}

/// The counts at the head of a data block. They are 32-bit numbers without a sign. A larger one reads as negative and
/// is refused.
private struct Header {
    let version: UInt8
    let utFlags: Int
    let standardFlags: Int
    let leaps: Int
    let transitions: Int
    let types: Int
    let characters: Int

    var isSane: Bool {
        let counts = [utFlags, standardFlags, leaps, transitions, characters]
        return counts.allSatisfy { (0...ZoneFile.maxSize).contains($0) }
            && (1...256).contains(types) && [0, types].contains(utFlags)
            && [0, types].contains(standardFlags)
    }

    func size(timeSize: Int) -> Int {
        transitions * (timeSize + 1) + types * 6 + characters + leaps * (timeSize + 4) + standardFlags
            + utFlags
    }
}
