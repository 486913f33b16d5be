import Foundation
import Testing

/// Compares what the commands print, to the letter, with the files in Golden.
@Suite struct GoldenTests {
    /// With `RECORD=1` the test writes the files again and fails, so that nobody overlooks a recording.
    @Test(arguments: Transcript.all)
    func printsWhatIsRecorded(_ transcript: Transcript) throws {
        let replayed = try transcript.replayed(in: Sandbox())
        guard ProcessInfo.processInfo.environment["RECORD"] == nil else {
            try transcript.record(replayed)
            Issue.record(
                "\(transcript.name) was recorded: look at the difference and run again without RECORD")
            return
        }
        let (now, recorded) = (replayed.lines, try transcript.text().lines)
        let lines = 0..<max(now.count, recorded.count)
        let changed = lines.first { now.dropFirst($0).first != recorded.dropFirst($0).first }
        guard let changed else { return }
        Issue.record(
            """
            \(transcript.name):\(changed + 1) has
              \(recorded.dropFirst(changed).first ?? "its end")
            and now it is
              \(now.dropFirst(changed).first ?? "its end")
            (RECORD=1 writes the file anew)
            """)
    }

    @Test func everyFileIsFound() {
        #expect(Transcript.all.count >= 9)
    }
}

extension String {
    fileprivate var lines: [Substring] { split(separator: "\n", omittingEmptySubsequences: false) }
}
