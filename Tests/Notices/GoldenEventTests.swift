import CivilTime
import Foundation
import Scheduling
import Testing

@testable import Notices

/// Signed events with their headers, as files that Tests/ci/check_notices.py gives to parsers of others.
@Suite struct GoldenEventTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Golden")

    private static let hostile =
        "\"}, \"id\": \"forged\" \\ @channel <!here> \u{0}\u{1B}[31m \u{202E}\u{2028} 👩‍👩‍👧 é"

    /// With `RECORD=1` the test writes the files again and fails, so that nobody overlooks a recording.
    @Test(arguments: [
        ("failed", message()), ("scheduler", message(.tokenExpires, job: nil, data: "")),
        ("hostile", message(.missed, job: "größe \"x\" {日本}", text: hostile, url: nil)),
        ("long", message(.refused, text: String(repeating: "é", count: 50_000))),
    ])
    func event(name: String, message: OutboxMessage) throws {
        let request = try rendered(.json, [message], secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let head = request.headers.map { "\($0.name): \($0.value)\n" }.joined()
        let text = head + "\n" + String(decoding: request.body, as: UTF8.self) + "\n"
        let file = Self.folder.appendingPathComponent("\(name).event")
        guard ProcessInfo.processInfo.environment["RECORD"] == nil else {
            try Data(text.utf8).write(to: file)
            Issue.record("\(name) was recorded: look at the difference and run again without RECORD")
            return
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == text, "RECORD=1 writes it anew")
    }
}
