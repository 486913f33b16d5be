import Glibc
import Text

/// What the commands say: data on standard output, the rest on standard error.
enum Output {
    /// Writes a line, or several, of data.
    static func line(_ text: String) {
        write(text, to: STDOUT_FILENO)
    }

    static func json(_ value: JSON) {
        json(value.bytes)
    }

    /// Writes a text of JSON that is ready.
    static func json(_ bytes: consuming [UInt8]) {
        bytes.append(UInt8(ascii: "\n"))
        bytes.withUnsafeBytes { write($0, to: STDOUT_FILENO) }
    }

    /// Tells something beside the data.
    static func note(_ text: String) {
        write("orchestrate: \(text)".printableLines, to: STDERR_FILENO)
    }

    static func write(_ text: String, to descriptor: Int32) {
        var line = text
        line += "\n"
        line.withUTF8 { write(UnsafeRawBufferPointer($0), to: descriptor) }
    }

    /// Writes all at once, so that the lines of several threads do not mix. Without its output a command is of
    /// no use: when that cannot be written, the process ends.
    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest)
            let written = Glibc.write(descriptor, piece.baseAddress, piece.count)
            if written < 0 && errno != EINTR { giveUp(errno, on: descriptor) }
            rest = rest.dropFirst(max(0, written))
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
