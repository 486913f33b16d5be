import Foundation
import Testing

@testable import Orchestrator

/// Where a dry run keeps its ledger.
@Suite struct ScratchTests {
    private let parent = NSTemporaryDirectory() + "scratch-" + UUID().uuidString

    init() throws {
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    }

    private func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: parent) }

    @Test("A new directory of a name that nobody foresees, for this user alone, and gone afterwards")
    func privateDirectory() throws {
        defer { try? FileManager.default.removeItem(atPath: parent) }
        let (scratch, other) = (Scratch(in: parent), Scratch(in: parent))
        let path = try scratch.ledger()
        #expect(try path != other.ledger())
        for name in try names() {
            #expect(!name.contains("\(getpid())"))
            let attributes = try FileManager.default.attributesOfItem(atPath: parent + "/" + name)
            #expect(attributes[.posixPermissions] as? Int == 0o700)
            #expect(attributes[.type] as? FileAttributeType == .typeDirectory)
        }
        for suffix in ["", "-wal", "-shm"] { try Data().write(to: URL(fileURLWithPath: path + suffix)) }
        scratch.remove()
        other.remove()
        #expect(try names().isEmpty)
    }

    @Test("Without a place for it the ledger is an error with its cause")
    func noPlace() throws {
        try FileManager.default.removeItem(atPath: parent)
        let scratch = Scratch(in: parent)
        let error = #expect(throws: (any Error).self) { try scratch.ledger() }
        #expect("\(error.map { "\($0)" } ?? "")".contains("No such file"))
        scratch.remove()
    }
}
