import Foundation
import Testing

/// A system limit that is too low leads to an error message.
@Suite struct LimitTests {
    let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    @Test(arguments: [10, 20, 40], [["run"], ["run", "--dry-run", "--once"], ["trigger", "nightly"]])
    func openFiles(_ limit: Int, _ arguments: [String]) throws {
        let (code, text) = try run(arguments, under: "ulimit -n \(limit)")
        #expect(code == 78, "\(text)")
        #expect(text.contains("ulimit -n") && text.contains("limit of open files is \(limit)"), "\(text)")
    }

    @Test(
        arguments: [90_000, 110_000, 150_000],
        [["run"], ["run", "--dry-run", "--once"], ["trigger", "nightly"]])
    func addressSpace(_ limit: Int, _ arguments: [String]) throws {
        let (code, text) = try run(arguments, under: "ulimit -v \(limit)")
        #expect(code == 78, "\(text)")
        #expect(text.contains("ulimit -v") && text.contains("limited to \(limit >> 10) MiB"), "\(text)")
    }

    @Test func theLeastAddressSpaceIsEnough() throws {
        let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        try sandbox.write("{pipeline_name: a, scheduler: '@hourly'}", to: "alone/a.yml")
        for _ in 0..<4 {
            let (code, text) = try run(
                ["run", "--dry-run", "--once", "--jobs", "alone", "--db", "new.db"],
                under: "ulimit -v \((128 + 32 * cores) << 10)")
            #expect(code == 0, "\(text)")
        }
    }

    /// Returns the exit code and the text of standard error.
    private func run(_ arguments: [String], under limit: String) throws -> (code: Int32, errors: String) {
        // The shell lowers its own limit and then becomes the command.
        let script = "\(limit); exec timeout 30 \"$0\" \"$@\""
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script, Binary.path] + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: sandbox.directory)
        process.environment = [
            "MELT_JOBS_HOME": "jobs", "CI_PIPELINE_TOKEN": "t-o-k-e-n", "CI_COMMIT_REF_NAME": "main",
            "CI_PROJECT_ID": "7", "CI_JOB_ID": "", "CI_API_V4_URL": "http://127.0.0.1:9/api/v4",
        ]
        let errors = Pipe()
        process.standardOutput = FileHandle.nullDevice
        process.standardError = errors
        try process.run()
        let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit)
        return (process.terminationStatus, text)
    }
}
