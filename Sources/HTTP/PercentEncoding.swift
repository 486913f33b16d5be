import Text

/// Percent-encoding of RFC 3986, for path segments and query values.
public enum PercentEncoding {
    /// Encodes everything but unreserved characters, so that `group/name` is one path segment.
    public static func encode(_ text: String) -> String {
        guard !text.utf8.allSatisfy(isUnreserved) else { return text }
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            guard !isUnreserved(byte) else {
                bytes.append(byte)
                continue
            }
            bytes += [UInt8(ascii: "%"), hexadecimal(byte >> 4), hexadecimal(byte & 0xF)]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Decodes escapes such as `%41`. An invalid escape stays as it is.
    public static func decode(_ text: some StringProtocol) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        let encoded = Array(text.utf8)
        var bytes: [UInt8] = []
        var index = 0
        while index < encoded.count {
            let byte = escape(in: encoded, at: index)
            bytes.append(byte ?? encoded[index])
            index += byte == nil ? 1 : 3
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The names and values of a query, in which `+` is a blank.
    public static func decodeQuery(_ query: some StringProtocol) -> [(name: String, value: String)] {
        query.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let texts = parts.map { part in decode(String(part.map { $0 == "+" ? " " : $0 })) }
            return (texts.first ?? "", texts.dropFirst().first ?? "")
        }
    }

    private static func escape(in encoded: [UInt8], at index: Int) -> UInt8? {
        guard encoded[index] == UInt8(ascii: "%"), index + 2 < encoded.count else { return nil }
        guard let high = encoded[index + 1].hexadecimalValue, let low = encoded[index + 2].hexadecimalValue
        else { return nil }
        return high << 4 | low
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        byte.isDigit || byte.isLetter || "-._~".utf8.contains(byte)
    }

    private static func hexadecimal(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "A") + nibble - 10
    }
}
