import Foundation
import Scheduling
import Testing

@testable import Ledger

/// One file under several names, and names that lead to something other than a file.
@Suite(.timeLimit(.minutes(2))) struct NameTests {
    let place: Place

    init() throws { place = try Place() }

    private var alias: String { place.directory + "/alias.db" }

    private func scheduling(_ path: String) throws -> Ledger {
        try Ledger(path: path, access: .scheduling(instance: "", since: at(1)))
    }

    @Test func aSecondNameOfAFileInUseIsRefused() throws {
        let ledger = try place.scheduling()
        try FileManager.default.linkItem(atPath: place.file, toPath: alias)
        for _ in 0..<2 {
            let error = failure { _ = try scheduling(alias) }
            #expect(error?.kind == .held(by: nil))
            #expect(error?.description.contains("in use") == true)
            #expect(error?.description.contains("process \(getpid()), under another name") == true)
        }
        try ledger.close()
        try scheduling(alias).close()
    }

    /// A log under the second name would be another log.
    @Test(arguments: [Ledger.Access.writing(), .reading])
    func norIsItReadOrWrittenByASecondName(_ access: Ledger.Access) throws {
        let ledger = try place.scheduling()
        try ledger.commit([.insert(run("a", 0))])
        try FileManager.default.linkItem(atPath: place.file, toPath: alias)
        let error = failure { _ = try Ledger(path: alias, access: access) }
        #expect(error?.kind == .held(by: nil))
        #expect(try Ledger(path: place.file, access: access).runs().count == 1)
        try ledger.close()
        #expect(try Ledger(path: alias, access: access).runs().count == 1)
    }

    @Test func theFileThatTakesADamagedOnesPlaceHasItsOwnLock() throws {
        try place.write(Data("no database".utf8))
        let (ledger, replaced) = try place.replacing()
        try FileManager.default.linkItem(atPath: place.file, toPath: alias)
        #expect(failure { _ = try scheduling(alias) }?.kind == .held(by: nil))
        // No process holds the old file.
        let old = try #require(replaced).movedTo
        #expect(failure { _ = try scheduling(old) }?.kind == .notADatabase)
        try ledger.close()
    }

    @Test func theLockOfTheFileIsNotInherited() throws {
        let ledger = try place.scheduling()
        let files = FileManager.default
        let descriptors = try files.contentsOfDirectory(atPath: "/proc/self/fd").filter {
            (try? files.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == place.file
        }
        // SQLite's descriptor and the lock's.
        #expect(descriptors.count == 2)
        for descriptor in descriptors.compactMap({ Int32($0) }) {
            #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
        }
        try ledger.close()
    }

    /// If the process closed any descriptor of the file, SQLite would lose its locks on it.
    @Test func sqliteKeepsItsLocks() throws {
        let ledger = try place.scheduling()
        try ledger.commit([.insert(run("a", 0))])
        _ = Ledger.scheduler(of: place.file)
        try Ledger(path: place.file, access: .reading).close()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["cat", "/proc/locks"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let locks = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        var status = stat()
        #expect(stat(place.file, &status) == 0)
        let own = locks.split(separator: "\n").filter { $0.contains(":\(status.st_ino) ") }
        #expect(own.contains { $0.contains("POSIX") }, "\(own)")
        #expect(own.contains { $0.contains("FLOCK") }, "\(own)")
        try ledger.close()
    }

    @Test func wherALockOfTheFileWouldBlockSQLiteThereIsNone() {
        #expect(FileLock.gap(onFileSystem: 0x6969)?.contains("NFS") == true)
        #expect(FileLock.gap(onFileSystem: 0xFE53_4D42)?.contains("SMB") == true)
        // ext4 and tmpfs.
        for type in [0xEF53, 0x0102_1994] { #expect(FileLock.gap(onFileSystem: type) == nil) }
    }

    @Test func aLinkInTheLocksPlaceIsNotFollowed() throws {
        let victim = place.directory + "/victim"
        try Data("precious".utf8).write(to: URL(fileURLWithPath: victim))
        try FileManager.default.createSymbolicLink(atPath: place.file + ".lock", withDestinationPath: victim)
        let error = failure { _ = try place.scheduling() }
        #expect(error?.kind == .unreachable)
        #expect(error?.description.contains(".lock: orchestrate follows no symbolic link here") == true)
        #expect(Ledger.scheduler(of: place.file) == .absent)
        try Ledger(path: place.file, access: .writing()).close()
        try Ledger(path: place.file, access: .reading).close()
        #expect(try place.bytes(victim) == Data("precious".utf8))
    }

    @Test func aPipeInTheLocksPlaceKeepsNobodyWaiting() throws {
        try Ledger(path: place.file, access: .writing()).close()
        #expect(mkfifo(place.file + ".lock", 0o600) == 0)
        #expect(failure { _ = try place.scheduling() }?.detail.contains("not a regular file") == true)
        #expect(Ledger.scheduler(of: place.file) == .absent)
        try Ledger(path: place.file, access: .reading).close()
    }

    @Test(arguments: OpeningTests.accesses)
    func aPipeOrDeviceIsNoLedgerAndStays(_ access: Ledger.Access) throws {
        #expect(mkfifo(place.file, 0o600) == 0)
        let link = place.directory + "/link.db"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/dev/null")
        for path in [place.file, link] {
            let error = failure { _ = try Ledger.replacingDamaged(path: path, access: access) }
            #expect(error?.kind == .unreachable, "\(path)")
            #expect(error?.detail == "not a regular file")
        }
        #expect(try place.files == ["link.db", "orchestrate.db"])
    }
}
