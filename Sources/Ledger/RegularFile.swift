import Glibc

/// Opens a file whose name may meanwhile lead elsewhere: to a pipe that would block the process, to a device, or by a
/// symbolic link to a file that we must not write to.
enum RegularFile {
    struct Refusal: Error {
        /// The system's error number.
        let code: Int32
        /// The cause, as the end of a sentence.
        let words: String
    }

    static func open(_ file: String, _ flags: Int32) throws(Refusal) -> Int32 {
        let descriptor = Glibc.open(file, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            let code = errno
            let words =
                code == ELOOP ? "orchestrate follows no symbolic link here" : String(cString: strerror(code))
            throw Refusal(code: code, words: words)
        }
        guard let kind = kind(of: descriptor), kind == S_IFREG else {
            close(descriptor)
            throw Refusal(code: EINVAL, words: "not a regular file")
        }
        return descriptor
    }

    /// Whether opening the file could block the process or change a device. Follows links.
    static func isPipeOrDevice(_ file: String) -> Bool {
        var status = stat()
        guard stat(file, &status) == 0 else { return false }
        return ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
    }

    private static func kind(of descriptor: Int32) -> mode_t? {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? status.st_mode & S_IFMT : nil
    }
}
