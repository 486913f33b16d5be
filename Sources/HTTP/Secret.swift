import Text

/// A text that nothing may print: descriptions, dumps and errors show `[hidden]` instead.
public struct Secret: Sendable {
    /// For the one header that carries it.
    let exposed: String

    public init(_ text: String) {
        exposed = text
    }

    public var isEmpty: Bool { exposed.isEmpty }

    /// Whether it is one word of printable ASCII. A header cannot carry any other text, and async-http-client would
    /// show the text in its error.
    public var isWord: Bool { !isEmpty && exposed.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }

    /// `text` with every occurrence of the secret replaced, for texts that come from outside.
    ///
    /// It compares bytes, not characters, so that a combining accent behind the secret does not hide it. It replaces a
    /// secret that is an ordinary word only where it is a whole word, so that prose stays readable. It leaves secrets
    /// of one or two bytes alone: they would turn up everywhere, and no token is that short.
    public func redacted(_ text: String) -> String {
        let secret = Array(exposed.utf8)
        guard secret.count > 2, isIn(text) else { return text }
        let isWordAlone = isOrdinaryWord
        var rest = Array(text.utf8)[...]
        var clean: [UInt8] = []
        var before: UInt8?
        while let byte = rest.first {
            let after = rest.dropFirst(secret.count).first
            let isHit =
                rest.starts(with: secret)
                && !(isWordAlone && (Self.continues(before) || Self.continues(after)))
            clean += isHit ? Array(Self.mask.utf8) : [byte]
            before = isHit ? secret.last : byte
            rest = rest.dropFirst(isHit ? secret.count : 1)
        }
        return String(decoding: clean, as: UTF8.self)
    }

    /// Whether texts may hold the secret by chance: it is short, or it has only letters in the case of a word.
    private var isOrdinaryWord: Bool {
        let bytes = exposed.utf8
        guard bytes.count >= 8 else { return true }
        guard bytes.count <= Self.longestWord, bytes.allSatisfy(\.isLetter) else { return false }
        let hasOneCase = bytes.allSatisfy { $0 == $0.lowercased } || bytes.allSatisfy { $0 != $0.lowercased }
        return hasOneCase || bytes.dropFirst().allSatisfy { $0 == $0.lowercased }
    }

    /// Whether a word goes on with this byte.
    private static func continues(_ byte: UInt8?) -> Bool { byte.map { $0.isLetter || $0.isDigit } ?? false }

    /// In bytes. Longer secrets are no words of a language.
    private static let longestWord = 18

    /// A quick check for the usual case: the text does not hold the secret.
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
