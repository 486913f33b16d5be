import CivilTime
import Testing

@testable import JobFiles

/// Warnings about the values of `variables` and `inputs`. No warning shows a value.
@Suite struct ValueAdviceTests {
    private let advisor = JobFiles(
        zones: ZoneDatabase(directory: nil), adviceAt: Instant(rfc3339: "2026-01-01T00:00:00Z"))

    private func warnings(_ lines: String) -> [Problem] {
        let yaml = "pipeline_name: job\nscheduler: '@daily'\n" + lines + "\n"
        return advisor.read(Array(yaml.utf8), file: "job.yml").findings.problems
    }

    @Test(arguments: ["$HOME", "a${B}c", "pa$$word$x", "$1", "$_", "cost: $5", "$ORCHESTRATE_RUN_ID!", "$?"])
    func `a value that GitLab expands is told with both ways out`(_ value: String) throws {
        let found = warnings("variables: {SECRET: '\(value)'}")
        let only = try #require(found.first)
        #expect(found.count == 1 && only.severity == .warning && only.place.position?.line == 3)
        #expect(only.message == "the value of 'SECRET' has a '$', and GitLab puts a variable in its place")
        #expect(
            only.hint
                == "'$$' for a '$' that stays, or the value in the CI file: "
                + "variables: {SECRET: {value: …, expand: false}}")
        #expect(!only.description.contains(value))
    }

    @Test(arguments: [
        "$$HOME", "5$", "$ 5", "a$/b", "$$", "$ORCHESTRATE_RUN_ID", "$ORCHESTRATE_JOB_NAME",
        "$ORCHESTRATE_SCHEDULED_AT", "$ORCHESTRATE_INSTANCE", "$ORCHESTRATE_INTERVAL_START",
        "$ORCHESTRATE_INTERVAL_END", "",
    ])
    func `a value that stays as it is, or asks for ours, is fine`(_ value: String) {
        #expect(warnings("variables: {A: '\(value)'}") == [])
        #expect(warnings("variables: [{key: A, value: '\(value)', variable_type: file}]") == [])
    }

    @Test(arguments: [
        "variables: {A: 'glpat-0123456789abcdef'}", "variables: [{key: A, value: 'x glrt-0123456789'}]",
        "inputs: {A: 'glptt-0123456789'}", "inputs: {A: [1, ['https://u:gldt-0123456789@host']]}",
    ])
    func `a token is told, and is not shown`(_ line: String) {
        let found = warnings(line)
        #expect(
            found.map(\.message) == [
                "the value of 'A' looks like a GitLab token, and who reads this file has it"
            ])
        #expect(found.allSatisfy { $0.severity == .warning && !$0.description.contains("0123456789") })
    }

    @Test func `nobody is warned unasked`() {
        #expect(Reading.problems(Reading.base + "variables: {A: $B, C: glpat-0123456789}\n") == [])
    }
}
