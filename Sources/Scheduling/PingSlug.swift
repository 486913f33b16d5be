import Text

extension Job {
    /// The name by which a dead-man's switch knows this job; empty: the job's name has no character for it.
    public var pingSlug: String { Self.pingSlug(of: self.name) }

    /// Small letters, digits, `_` and `-`. Any run of other characters becomes one `-`. No `-` stands at an end.
    public static func pingSlug(of name: String) -> String {
        let dash = UInt8(ascii: "-")
        var slug: [UInt8] = []
        var isBetween = false
        for byte in name.utf8.lazy.map(\.lowercased) {
            let isKept = byte.isLetter || byte.isDigit || byte == UInt8(ascii: "_") || byte == dash
            if isKept || !isBetween { slug.append(isKept ? byte : dash) }
            isBetween = !isKept
        }
        while slug.last == dash { slug.removeLast() }
        return String(decoding: slug.drop { $0 == dash }, as: UTF8.self)
    }
}
