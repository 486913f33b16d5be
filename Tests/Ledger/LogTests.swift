import Foundation
import Scheduling
import TestSupport
import Testing

@testable import Ledger

/// A write-ahead log that belongs to another file. SQLite only checks its name.
@Suite struct LogTests {
    private let place: Place
    private let other: Place

    init() throws {
        place = try Place()
        other = try Place()
    }

    /// Some minutes of work. Each seed does other work.
    private func work(_ ledger: Ledger, _ minutes: Range<Int64>, seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        for minute in minutes {
            let jobs = (0..<8).filter { _ in Bool.random(using: &random) }.map { "job \($0)" }
            try ledger.commit(
                jobs.flatMap {
                    [.insert(run($0, minute * 60)), .cover(job: $0, through: at(minute * 60))]
                })
        }
    }

    @Test(arguments: [0, 1, 5, 40, 200] as [Int64], [0, 1, 5, 40, 200] as [Int64])
    func ofAnotherLedger(_ own: Int64, _ alien: Int64) throws {
        for hasHistory in [false, true] {
            let (place, other) = try (Place(), Place())
            let ledger = try place.scheduling(since: at(1))
            try work(ledger, 0..<own, seed: 1)
            try ledger.close(at: at(2))
            var third = try other.scheduling(since: at(3))
            try work(third, 0..<20, seed: 2)
            if hasHistory {
                try third.close(at: at(4))
                third = try other.scheduling(since: at(5))
            }
            try work(third, 20..<(20 + alien), seed: 3)
            let log = try other.bytes(other.file + "-wal")
            try place.write(log, beside: "-wal")
            let contents = try place.contents
            let replaced = try #require(try place.replacing(since: at(6)).replaced)
            #expect(try [replaced.movedTo, replaced.movedTo + "-wal"].map(place.bytes) == contents)
        }
    }

    /// As if a killed process left its log, and the file came from a cache.
    @Test(arguments: [1, 5, 40, 200] as [Int64], [1, 5, 40, 200] as [Int64])
    func ofTheSameLedgerEarlier(_ before: Int64, _ after: Int64) throws {
        var ledger = try place.scheduling(since: at(1))
        try work(ledger, 0..<before, seed: 1)
        let log = try place.bytes(place.file + "-wal")
        try ledger.close(at: at(2))
        ledger = try place.scheduling(since: at(3))
        try work(ledger, before..<(before + after), seed: 2)
        try ledger.close(at: at(4))
        try place.write(log, beside: "-wal")
        #expect(try place.replacing(since: at(5)).replaced != nil)
    }

    @Test(arguments: [1, 5, 40, 200] as [Int64], [1, 5, 40, 200] as [Int64])
    func ofTheSameLedgerLater(_ before: Int64, _ after: Int64) throws {
        var ledger = try place.scheduling(since: at(1))
        try work(ledger, 0..<before, seed: 1)
        try ledger.close(at: at(2))
        let file = try place.bytes(place.file)
        ledger = try place.scheduling(since: at(3))
        try work(ledger, before..<(before + 3), seed: 2)
        try ledger.close(at: at(4))
        ledger = try place.scheduling(since: at(5))
        try work(ledger, (before + 3)..<(before + 3 + after), seed: 3)
        let runs = try ledger.runs()
        let killed = try place.afterKill()
        try killed.write(file)
        // If the log has every page that has changed since, the result is as good as the file.
        let found = try killed.replacing(since: at(6))
        if found.replaced == nil { #expect(try found.ledger.runs() == runs) }
    }

    /// Another program's log beside our file is damage. Our log beside another program's file is not ours to touch.
    @Test func ofAnotherProgram() throws {
        let ledger = try place.scheduling()
        let ours = try place.bytes(place.file + "-wal")
        try ledger.close(at: at(1))
        let connection = try Connection(other.file, .readWriteCreate)
        try connection.execute(
            "PRAGMA application_id = 7; CREATE TABLE first (text); PRAGMA journal_mode = WAL")
        let file = try other.bytes(other.file)
        try connection.execute("CREATE TABLE note (text); INSERT INTO note VALUES (zeroblob(90000))")
        let theirs = try other.bytes(other.file + "-wal")

        try place.write(theirs, beside: "-wal")
        let contents = try place.contents
        let replaced = try #require(try place.replacing().replaced)
        #expect(replaced.cause.detail == "the log beside it is another program's")
        #expect(try [replaced.movedTo, replaced.movedTo + "-wal"].map(place.bytes) == contents)

        for log in [ours, theirs] {
            let place = try Place()
            try place.write(file)
            try place.write(log, beside: "-wal")
            #expect(failure { _ = try place.replacing() }?.kind == .foreign(applicationID: 7))
            #expect(try place.contents == [file, log])
        }
    }

    @Test func aLogThatSaysNothingIsNoMatter() throws {
        let ledger = try place.scheduling()
        try ledger.commit([.insert(run("a", 0))])
        try ledger.close(at: at(1))
        for log in [Data(), Data(count: 5_000), Data("not a log at all".utf8)] {
            try place.write(log, beside: "-wal")
            let (ledger, replaced) = try place.replacing()
            #expect(replaced == nil)
            #expect(try ledger.runs() == [run("a", 0)])
            try ledger.close(at: at(2))
        }
    }
}
