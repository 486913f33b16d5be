import Glibc

/// What the commands say: data on standard output, the rest on standard error.
enum Output {
    /// Writes a line, or several, of data.
    static func line(_ text: String) {
        write(text, to: STDOUT_FILENO)
    }

    static func json(_ value: JSON) {
        line(value.text)
    }

    /// Tells something beside the data.
    static func note(_ text: String) {
        write("orchestrate: \(text)".printableLines, to: STDERR_FILENO)
    }

    /// Writes all at once, so that the lines of several threads do not mix. Without its output a command is of
    /// no use: when that cannot be written, the process ends.
    static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array((text + "\n").utf8)
        var done = 0
        while done < bytes.count {
            let written = bytes[done...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 && errno != EINTR { giveUp(errno, on: descriptor) }
            done += max(0, written)
        }
    }

    private static func giveUp(_ cause: Int32, on descriptor: Int32) -> Never {
        // A reader that has gone, such as `head`, has what it wanted.
        if descriptor == STDOUT_FILENO && cause != EPIPE {
            write("orchestrate: standard output: \(String(cString: strerror(cause)))", to: STDERR_FILENO)
        }
        exit(EXIT_FAILURE)
    }
}

extension String {
    /// The text in one line and without what a terminal would obey: GitLab's words and file names may hold both.
    var printable: String {
        guard !utf8.allSatisfy({ (0x20..<0x7F).contains($0) }), unicodeScalars.contains(where: \.isObeyed)
        else {
            return self
        }
        return String(String.UnicodeScalarView(unicodeScalars.map { $0.isObeyed ? " " : $0 }))
    }

    /// The same for a text of several lines.
    var printableLines: String {
        split(separator: "\n", omittingEmptySubsequences: false).map { String($0).printable }.joined(
            separator: "\n")
    }
}

extension Unicode.Scalar {
    fileprivate var isObeyed: Bool {
        guard value < 0x20 || value >= 0x7F else { return false }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }
}
