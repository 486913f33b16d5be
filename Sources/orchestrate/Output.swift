import Glibc
import SystemPackage
import Text

/// Prints what the commands say: data on standard output, everything else on standard error.
enum Output {
    /// Writes one or more lines of data.
    static func line(_ text: String) {
        write(text, to: STDOUT_FILENO)
    }

    /// How many columns a line on standard output has; nil: the commands shorten no line. This is so for a file, a
    /// pipe, and a terminal of fewer than 20 columns.
    static var width: Int? {
        var size = winsize()
        guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0,
            size.ws_col >= 20
        else { return nil }
        return Int(size.ws_col)
    }

    static func json(_ value: JSONValue) {
        json(value.bytes)
    }

    /// Writes finished JSON text.
    static func json(_ bytes: consuming [UInt8]) {
        bytes.append(UInt8(ascii: "\n"))
        write(bytes, to: STDOUT_FILENO)
    }

    /// Writes a remark about the data to standard error.
    static func note(_ text: String) {
        write("orchestrate: \(text)".printableLines, to: STDERR_FILENO)
    }

    static func write(_ text: String, to descriptor: Int32) {
        write((text + "\n").utf8, to: descriptor)
    }

    /// Writes all bytes at once, so that the lines of several threads do not mix. If it cannot write them, it ends the
    /// process: without output a command is of no use.
    private static func write(_ bytes: some Sequence<UInt8>, to descriptor: Int32) {
        do {
            try FileDescriptor(rawValue: descriptor).writeAll(bytes)
        } catch {
            guard descriptor == STDOUT_FILENO else { exit(EXIT_FAILURE) }
            failed(error as? Errno ?? .ioError)
        }
    }

    /// Ends the process, because it cannot write standard output. A reader that has gone, such as `head`, has what it
    /// wanted, so there is no message then.
    static func failed(_ error: Errno) -> Never {
        if error != .brokenPipe { write("orchestrate: standard output: \(error)", to: STDERR_FILENO) }
        exit(EXIT_FAILURE)
    }
}
