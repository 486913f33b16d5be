#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The system's words for what went wrong.
enum SystemWords {
    /// Such as `Connection refused`.
    static func of(errno code: CInt) -> String {
        strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }

    /// Why a file cannot be read; nil: it can.
    static func opening(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return of(errno: errno) }
        defer { fclose(file) }
        // A directory opens, and fails when it is read.
        guard fgetc(file) == EOF, ferror(file) != 0 else { return nil }
        return of(errno: errno)
    }
}
