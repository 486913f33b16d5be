import Foundation
import Testing

/// Limits of the system that are too low end in a message.
@Suite struct LimitTests {
    let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    @Test(arguments: [10, 20, 40], [["run"], ["run", "--dry-run", "--once"], ["trigger", "nightly"]])
    func openFiles(_ limit: Int, _ arguments: [String]) throws {
        // The shell lowers its own limit, and becomes the command.
        let script = "ulimit -n \(limit); exec timeout 30 \"$0\" \"$@\""
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script, Binary.path] + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: sandbox.directory)
        process.environment = [
            "MELT_JOBS_HOME": "jobs", "CI_PIPELINE_TOKEN": "t-o-k-e-n", "CI_COMMIT_REF_NAME": "main",
            "CI_PROJECT_ID": "7", "CI_JOB_ID": "", "CI_API_V4_URL": "http://127.0.0.1:9",
        ]
        let errors = Pipe()
        process.standardOutput = FileHandle.nullDevice
        process.standardError = errors
        try process.run()
        let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit)
        #expect(process.terminationStatus == 78, "\(text)")
        #expect(text.contains("ulimit -n") && text.contains("limit of open files is \(limit)"), "\(text)")
    }
}
