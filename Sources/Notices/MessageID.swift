public import Scheduling

/// UUIDs of names (RFC 9562, version 5): each instance makes the same one for the same name.
enum NameUUID {
    /// Made for orchestrate, once. Another one would make receivers take messages for new ones.
    static let ours: [UInt8] = [
        0x35, 0x1E, 0xB5, 0x91, 0x87, 0xD3, 0x48, 0x27, 0x8A, 0xCB, 0x4D, 0x1E, 0x1C, 0x17, 0x13, 0x6C,
    ]

    static func text(_ name: String, in namespace: [UInt8] = ours) -> String {
        var bytes = Array(Hashes.sha1(namespace + Array(name.utf8)).prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x50
        bytes[8] = bytes[8] & 0x3F | 0x80
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text += "-" }
            text += String(byte >> 4, radix: 16) + String(byte & 0xF, radix: 16)
        }
        return text
    }
}

extension OutboxMessage {
    /// The message's id at every receiver. All instances give it the same one, so that a receiver can tell a
    /// message that came twice.
    public var id: String { NameUUID.text("\(kind.rawValue) \(subject)") }

    /// For a dead-man's switch: all pings of a run carry it, from whichever instance they come.
    var runUUID: String { NameUUID.text(subject) }
}
