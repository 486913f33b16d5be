/// The classes of ASCII characters, for code that reads bytes.
extension UInt8 {
    @inlinable public var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    @inlinable public var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }

    /// Turns a capital letter into a small one, and leaves every other byte as it is.
    @inlinable public var lowercased: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }

    /// The value of a hexadecimal digit.
    public var hexadecimalValue: UInt8? {
        if isDigit { return self - UInt8(ascii: "0") }
        let letter = lowercased
        guard (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(letter) else { return nil }
        return letter - UInt8(ascii: "a") + 10
    }
}

extension StringProtocol {
    /// Whether the text is one or more ASCII digits and nothing else.
    public var isDigits: Bool { !isEmpty && utf8.allSatisfy(\.isDigit) }

    /// Ignores the case of ASCII letters only, which is enough for the names of headers, hosts and schemes.
    public func equalsIgnoringCase(_ other: some StringProtocol) -> Bool {
        utf8.elementsEqual(other.utf8) { $0.lowercased == $1.lowercased }
    }

    /// The text before and after the first occurrence of a separator.
    public func cut(at separator: String) -> (before: SubSequence, after: SubSequence)? {
        guard let range = firstRange(of: separator) else { return nil }
        return (self[..<range.lowerBound], self[range.upperBound...])
    }
}
