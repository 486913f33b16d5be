/// A text that nothing may print: descriptions, dumps and errors show `[hidden]` instead.
public struct Secret: Sendable {
    /// For the one header that carries it.
    let exposed: String

    public init(_ text: String) {
        exposed = text
    }

    public var isEmpty: Bool { exposed.isEmpty }

    /// Whether it is one word of ASCII. Another one could not be sent in a header, and async-http-client would name
    /// it in its error.
    public var isWord: Bool { !isEmpty && exposed.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }

    /// `text` with every occurrence of the secret replaced, for texts that came from outside.
    ///
    /// Compares bytes, not characters: a combining accent behind the secret must not hide it. Secrets of
    /// one or two bytes are left alone: they would turn up everywhere, and no token is that short.
    public func redacted(_ text: String) -> String {
        let secret = Array(exposed.utf8)
        guard secret.count > 2, isIn(text) else { return text }
        var rest = Array(text.utf8)[...]
        var clean: [UInt8] = []
        while let byte = rest.first {
            let isHit = rest.starts(with: secret)
            clean += isHit ? Array(Self.mask.utf8) : [byte]
            rest = rest.dropFirst(isHit ? secret.count : 1)
        }
        return String(decoding: clean, as: UTF8.self)
    }

    /// The quick look for the usual case, in which it is not.
    private func isIn(_ text: String) -> Bool {
        var (text, secret) = (text, exposed)
        return text.withUTF8 { text in
            secret.withUTF8 { secret in
                guard text.count >= secret.count else { return false }
                return (0...text.count - secret.count).contains { start in
                    text[start] == secret[0] && text[start...].starts(with: secret)
                }
            }
        }
    }

    private static let mask = "[hidden]"
}

extension String {
    /// The text without any of the secrets.
    public func redacted(_ secrets: [Secret]) -> String { secrets.reduce(self) { $1.redacted($0) } }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { Self.mask }
    public var debugDescription: String { Self.mask }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
