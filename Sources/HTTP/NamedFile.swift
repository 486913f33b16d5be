import SystemPackage

/// A small file that the environment names, such as a file with a token or with certificates.
public enum NamedFile {
    /// Why the process does not use such a file, as the end of a sentence.
    public struct Refusal: Error, Hashable, Sendable {
        public var cause: String
    }

    /// The bytes of a regular file. A larger file is refused, never cut.
    ///
    /// Opens the file without blocking, because the name may lead to a pipe that nobody writes to. Checks the type of
    /// the open file, so that nobody can swap the file in between.
    public static func bytes(of path: String, atMost limit: Int) throws(Refusal) -> [UInt8] {
        do {
            let file = try FileDescriptor.open(path, .readOnly, options: [.nonBlocking, .closeOnExec])
            return try file.closeAfter {
                if let cause = try file.stat().type.objection { throw Refusal(cause: cause) }
                return try bytes(in: file, atMost: limit)
            }
        } catch {
            throw error as? Refusal ?? Refusal(cause: "cannot be opened: \(error)")
        }
    }

    private static func bytes(in file: FileDescriptor, atMost limit: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(limit + 1, 64 << 10))
        while true {
            let count = try chunk.withUnsafeMutableBytes { try file.read(into: $0) }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= limit else { throw Refusal(cause: "is larger than \(limit) bytes") }
        }
    }
}

extension FileType {
    /// Why it cannot be read like a file; nil for a regular file.
    fileprivate var objection: String? {
        switch self {
        case .regular: nil
        case .directory: "cannot be read: \(Errno.isDirectory)"
        case .fifo: "is a pipe, not a regular file"
        case .characterSpecial, .blockSpecial: "is a device, not a regular file"
        default: "is not a regular file"
        }
    }
}
