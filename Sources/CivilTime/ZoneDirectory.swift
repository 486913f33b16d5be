import Glibc

/// The folder of zone files. No other type in this module reads a file.
struct ZoneDirectory: Sendable {
    let path: String

    /// The result of reading a file.
    enum Contents {
        case bytes([UInt8])
        case absent
        case notAFile
        case unreadable(String)
    }

    /// The bytes of a file. Of a file larger than `maxSize` it returns `maxSize` bytes and one more, so that the reader
    /// can refuse it.
    func contents(ofFile name: String, maxSize: Int) -> Contents {
        // Non-blocking, because a name may lead to a pipe without a writer.
        let descriptor = open("\(path)/\(name)", O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            return errno == ENOENT || errno == ENOTDIR ? .absent : .unreadable(ZoneDirectory.lastError)
        }
        defer { close(descriptor) }

        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return .unreadable(ZoneDirectory.lastError) }
        guard status.st_mode & S_IFMT == S_IFREG else { return .notAFile }

        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while bytes.count <= maxSize {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .unreadable(ZoneDirectory.lastError) }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return .bytes(bytes)
    }

    /// The names of all zones, in order.
    ///
    /// Every name begins with a capital letter, which leaves out `posix/`, `right/` and the tables. Only names of other
    /// files contain a dot.
    func zoneNames() -> [String] {
        var names: [String] = []
        var regions = [""]
        while let region = regions.popLast(), region.utf8.count < 64, names.count < 10_000 {
            let entries = entries(of: region).filter { ZoneDirectory.isZoneName($0.name) }
            names += entries.filter { !$0.isDirectory }.map { region + $0.name }
            regions += entries.filter(\.isDirectory).map { region + $0.name + "/" }
        }
        return names.sorted()
    }

    private func entries(of region: String) -> [(name: String, isDirectory: Bool)] {
        guard let stream = opendir("\(path)/\(region)") else { return [] }
        defer { closedir(stream) }
        var result: [(name: String, isDirectory: Bool)] = []
        while let entry = readdir(stream) {
            let isDirectory = entry.pointee.d_type == UInt8(DT_DIR)
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) {
                    String(cString: $0)
                }
            }
            result.append((name, isDirectory))
        }
        return result
    }

    private static func isZoneName(_ name: String) -> Bool {
        guard let first = name.utf8.first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) else {
            return false
        }
        return !name.utf8.contains(UInt8(ascii: ".")) && name != "Factory"
    }

    private static var lastError: String { String(cString: strerror(errno)) }
}
