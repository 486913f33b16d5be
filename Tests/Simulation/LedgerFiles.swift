import Foundation
import TestSupport

/// Whether ledgers get lost or damaged between two processes.
enum LedgerLosses { case none, sometimes }

/// The bytes of a ledger's file and of the log beside it.
struct LedgerFiles {
    private static let suffixes = ["", "-wal"]
    private var contents: [String: Data] = [:]

    init(at path: String) throws {
        for suffix in Self.suffixes where FileManager.default.fileExists(atPath: path + suffix) {
            contents[suffix] = try Data(contentsOf: URL(fileURLWithPath: path + suffix))
        }
    }

    /// Replaces the files at this path.
    func write(to path: String) throws {
        Self.remove(at: path)
        for (suffix, data) in contents { try data.write(to: URL(fileURLWithPath: path + suffix)) }
    }

    /// Cuts the file off, overwrites a part, or flips a bit.
    mutating func damage(_ random: inout SplitMix) {
        guard var file = contents[""], file.count > 100 else { return }
        let place = Int.random(in: 0..<file.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: file = file.prefix(place)
        case 1:
            for index in place..<min(file.count, place + 4_096) {
                file[index] = UInt8(truncatingIfNeeded: index)
            }
        default: file[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
        contents[""] = file
    }

    static func remove(at path: String) {
        for suffix in suffixes + ["-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    }
}
