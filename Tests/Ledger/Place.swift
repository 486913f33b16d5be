import CivilTime
import Foundation
import Scheduling

@testable import Ledger

/// A directory for one test. It disappears with this object.
final class Place {
    let directory: String
    var file: String { directory + "/orchestrate.db" }

    init() throws {
        // In memory, if possible: every commit waits for the disk, and these tests do not test the disk.
        let memory = "/dev/shm"
        let isUsable = FileManager.default.isWritableFile(atPath: memory)
        let parent = isUsable ? memory : FileManager.default.temporaryDirectory.path
        directory = parent + "/ledger-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// The names of the files here, sorted.
    var files: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: directory).sorted() }
    }

    func bytes(_ file: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: file))
    }

    /// The bytes of the ledger's file, and of its log if there is one.
    var contents: [Data] {
        get throws {
            try ["", "-wal"].map { file + $0 }.filter(FileManager.default.fileExists).map(bytes)
        }
    }

    func scheduling(
        instance: String = "77", since: Instant = at(0), project: String? = nil
    ) throws -> Ledger {
        try Ledger(path: file, access: .scheduling(instance: instance, since: since, project: project))
    }

    func replacing(
        instance: String = "", since: Instant = at(0), project: String? = nil
    ) throws -> (ledger: Ledger, replaced: Replacement?) {
        try Ledger.replacingDamaged(
            path: file, access: .scheduling(instance: instance, since: since, project: project))
    }

    /// Writes these bytes as the ledger's file, or as one of the files beside it.
    func write(_ bytes: some Collection<UInt8>, beside suffix: String = "") throws {
        try Data(bytes).write(to: URL(fileURLWithPath: file + suffix))
    }

    /// Runs statements on the file without the ledger.
    func poke(_ script: String) throws {
        try Connection(file, .readWriteCreate).execute(script)
    }

    /// A copy of what `kill -9` would leave now: the file and its log, in another place.
    func afterKill() throws -> Place {
        let copy = try Place()
        for name in try files where !name.hasSuffix("-shm") {
            try FileManager.default.copyItem(
                atPath: directory + "/" + name, toPath: copy.directory + "/" + name)
        }
        return copy
    }
}

/// The instant this number of seconds after the start of 2026.
func at(_ seconds: Int64) -> Instant { Instant(seconds: 1_767_225_600 + seconds) }

/// A run whose fire time is this number of seconds after the start of 2026.
func run(_ job: String, _ seconds: Int64, _ state: RunState = .claimed, reason: String? = nil) -> Run {
    var run = Run(RunID(job: job, fireTime: at(seconds)), state: state, reason: reason)
    run.claimedAt = at(seconds)
    run.finishedAt = state.isOpen ? nil : at(seconds)
    return run
}

/// A run with a value in every field.
func fullRun(_ job: String, _ seconds: Int64, _ state: RunState = .triggered) -> Run {
    var run = Run(RunID(job: job, fireTime: at(seconds)), state: state, reason: "because")
    run.project = "group/project"
    run.ref = "main"
    run.pipeline = Pipeline(id: 4_711, url: "https://gitlab.example/group/project/-/pipelines/4711")
    run.attempts = 2
    run.instance = "99"
    run.claimedAt = at(seconds + 1)
    run.sentAt = at(seconds + 2)
    run.triggeredAt = at(seconds + 3)
    run.finishedAt = at(seconds + 4)
    run.notBefore = at(seconds + 5)
    return run
}

/// The error a closure throws.
func failure(_ body: () throws -> Void) -> LedgerError? {
    do {
        try body()
        return nil
    } catch {
        return error as? LedgerError
    }
}
