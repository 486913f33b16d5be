import HTTP
import SystemPackage
import Testing

/// Files that the environment names, and things that are no regular files.
@Suite struct NamedFileTests {
    private func cause(_ path: String, atMost limit: Int = 16) -> String? {
        do throws(NamedFile.Refusal) {
            _ = try NamedFile.bytes(of: path, atMost: limit)
            return nil
        } catch {
            return error.cause
        }
    }

    @Test("What is no regular file is refused, and nobody waits for it", .timeLimit(.minutes(1)))
    func others() throws {
        #expect(cause("/dev/zero") == "is a device, not a regular file")
        #expect(cause("/")?.hasSuffix("Is a directory") == true)
        #expect(cause("/no/such/file")?.hasSuffix("No such file or directory") == true)
        #expect(cause("") != nil)
        let (reading, writing) = try FileDescriptor.pipe()
        // A pipe that has a name, as with a shell's `<(…)`. Nobody writes to it.
        #expect(cause("/proc/self/fd/\(reading.rawValue)") == "is a pipe, not a regular file")
        try reading.close()
        try writing.close()
    }

    @Test("A file that is too large is refused, never cut")
    func size() throws {
        let path = "/proc/self/limits"
        let all = try NamedFile.bytes(of: path, atMost: 1 << 20)
        #expect(all.count > 16)
        #expect(try NamedFile.bytes(of: path, atMost: all.count) == all)
        #expect(cause(path, atMost: all.count - 1) == "is larger than \(all.count - 1) bytes")
    }
}
