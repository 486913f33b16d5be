/// What GitLab's tokens look like. They begin with a prefix that tells their kind, so that programs can find a token in
/// the wrong place.
public enum GitLabToken {
    /// Personal and project access tokens, and those of triggers, deployments, runners, CI jobs, feeds, mail, agents,
    /// workspaces, applications, SCIM and feature flags.
    private static let prefixes = [
        "glpat-", "glptt-", "gldt-", "glrt-", "glrtr-", "glcbt-", "glft-", "glimt-", "glagent-", "glwt-",
        "gloas-", "glsoat-", "glffct-",
    ].map { Array($0.utf8) }
    /// A shorter rest is no token: a text about tokens may end in `glpat-…`.
    private static let leastRest = 8

    /// Whether a text holds a token, by itself or within an address.
    public static func isIn(_ text: some StringProtocol) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.indices.contains { start in
            guard bytes[start] == UInt8(ascii: "g"), start == 0 || !isTokenByte(bytes[start - 1]) else {
                return false
            }
            return prefixes.contains { prefix in
                let rest = bytes[start...].dropFirst(prefix.count)
                return bytes[start...].starts(with: prefix)
                    && rest.prefix(while: isTokenByte).count >= leastRest
            }
        }
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }
}
