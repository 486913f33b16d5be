import Foundation
import Glibc
import Synchronization
import SystemPackage
import Testing

@testable import Orchestrator

/// Lines for a pipe that is read late, or never.
@Suite struct OutletTests {
    private let reader: FileDescriptor
    private let writer: FileDescriptor

    init() throws { (reader, writer) = try FileDescriptor.pipe() }

    private func outlet(onFailure: @escaping @Sendable (Errno) -> Void = { _ in }) -> Outlet {
        Outlet(writer, dropNote: { "\($0) dropped\n" }, onFailure: onFailure)
    }

    /// Everything that is written until the pipe's last writer closes it.
    private func readAll() throws -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = try chunk.withUnsafeMutableBytes({ try reader.read(into: $0) }), count > 0 {
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("Nobody waits for a reader who does not read; what is dropped is counted")
    func stuck() throws {
        let outlet = outlet()
        let line = String(repeating: "x", count: 1_023) + "\n"
        // A pipe holds 64 KiB and the outlet 4 MiB, so more than half of 10 MiB is too much.
        for _ in 0..<10_240 { outlet.write(line, count: 1) }
        outlet.finish(within: .milliseconds(1))
        DispatchQueue(label: "later").async {
            outlet.finish(within: nil)
            outlet.write("last\n", count: 1)
            outlet.finish(within: nil)
            try? writer.close()
        }
        let lines = try readAll().split(separator: "\n")
        try reader.close()
        let whole = lines.count { $0.utf8.count == 1_023 }
        let note = try #require(lines.firstIndex { $0.hasSuffix(" dropped") })
        #expect(lines[note] == "\(10_240 - whole) dropped" && whole > 4_000 && whole < 10_000)
        #expect(note == lines.count - 2 && lines.last == "last", "in the order in which they came")
    }

    @Test("The note stands where the lines are missing, before what was taken later")
    func order() throws {
        let outlet = outlet()
        let block = String(repeating: "a", count: 200_000) + "\n"
        outlet.write(block, count: 1)
        // The block does not fit into the pipe, so `finish` waits in vain. By its end the block is being written.
        outlet.finish(within: .milliseconds(300))
        let rest = String(repeating: "b", count: 4 << 20) + "\n"
        outlet.write(rest, count: 1)
        outlet.write("too much\n", count: 3)
        // Now the second block is being written, and nothing waits behind it.
        let first = try read(400_000)
        outlet.write("last\n", count: 1)
        DispatchQueue(label: "later").async {
            outlet.finish(within: nil)
            try? writer.close()
        }
        let lines = try (first + readAll()).split(separator: "\n")
        #expect(lines.map { $0.count } == [200_000, 4 << 20, 9, 4])
        #expect(lines.suffix(2) == ["3 dropped", "last"])
        try reader.close()
    }

    private func read(_ count: Int) throws -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 12)
        while bytes.count < count {
            let read = try chunk.withUnsafeMutableBytes { try reader.read(into: $0) }
            bytes += chunk[..<read]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("Lines of a descriptor that does not block are all written")
    func withoutBlocking() throws {
        _ = fcntl(writer.rawValue, F_SETFL, O_NONBLOCK)
        let outlet = outlet()
        let text = (0..<40_000).map { "line \($0)\n" }.joined()
        outlet.write(text, count: 40_000)
        DispatchQueue(label: "later").async {
            outlet.finish(within: nil)
            try? writer.close()
        }
        #expect(try readAll() == text)
        try reader.close()
    }

    @Test("A reader that has gone is told")
    func gone() throws {
        signal(SIGPIPE, SIG_IGN)
        try reader.close()
        let failures = Mutex<[Errno]>([])
        let outlet = outlet { error in failures.withLock { $0.append(error) } }
        outlet.write("a\n", count: 1)
        outlet.finish(within: nil)
        #expect(failures.withLock(\.self) == [.brokenPipe])
        try writer.close()
    }
}
