/// The classes of ASCII, for those who read bytes.
extension UInt8 {
    @inlinable public var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    @inlinable public var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }

    /// Whether two bytes are the same letter in either case, or simply the same.
    @inlinable public static func isSameLetter(_ left: UInt8, _ right: UInt8) -> Bool {
        left == right || (left.isLetter && left ^ right == 0x20)
    }
}
