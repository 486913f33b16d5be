import CivilTime
import Cron
import Scheduling
import Testing

@testable import JobFiles

/// The `dst` key, and warnings about what is allowed but probably a mistake.
@Suite struct AdviceTests {
    @Test(arguments: [
        ("dst: {gap: skip}", ShiftRule(gap: .skip)),
        ("dst: {gap: run-after, overlap: both}", ShiftRule(gap: .runAfter, overlap: .both)),
        ("dst:\n  overlap: 'second'", ShiftRule(overlap: .second)),
        ("dst: {overlap: first}", ShiftRule(overlap: .first)),
        ("dst: {}", ShiftRule()),
        ("enabled: true", ShiftRule()),
    ])
    func `dst is read`(_ line: String, _ rule: ShiftRule) throws {
        #expect(try Reading.job(Reading.base + line).schedule.shifts == rule)
    }

    @Test(arguments: [
        Case(key: "dst: skip", "3:6: 'dst' must be a map | dst: {gap: run-after, overlap: first}"),
        Case(key: "dst: [gap]", "3:6: 'dst' must be a map | dst: {gap: run-after, overlap: first}"),
        Case(key: "dst:", "3:5: 'dst' has no value | a value, or no such key"),
        Case(key: "dst: {gap: skipp}", "3:12: 'gap' is 'skipp', allowed are run-after, skip | skip"),
        Case(key: "dst: {overlap: third}", "3:16: 'overlap' is 'third', allowed are first, second, both"),
        Case(key: "dst: {gaps: skip}", "3:7: unknown key 'gaps' in 'dst' | gap"),
        Case(key: "dst: {fold: both}", "3:7: unknown key 'fold' in 'dst' | one of gap, overlap"),
        Case(key: "dts: {gap: skip}", "3:1: unknown key 'dts' | dst"),
    ])
    func `a bad dst is refused`(_ row: Case) {
        #expect(Reading.problems(row.yaml) == row.expected)
    }

    private let advisor = JobFiles(
        zones: ZoneDatabase(directory: nil), adviceAt: Instant(rfc3339: "2026-01-01T00:00:00Z"))

    private func warnings(_ yaml: String) -> [Problem] {
        advisor.read(Array(yaml.utf8), file: "job.yml").findings.problems
    }

    @Test func `warnings stand at their characters, through the quotes of YAML`() {
        let found = warnings("pipeline_name: job\nscheduler: \"\\x2A/7 0 31 * 1-5\"\n")
        #expect(found.allSatisfy { $0.severity == .warning })
        #expect(
            found.map(\.place.description) == [
                "job.yml:2:22", "job.yml:2:18", "job.yml:2:22", "job.yml:2:27",
            ])
        #expect(warnings("pipeline_name: job\nscheduler: '0 9 * * MON-FRI'\n").isEmpty)
    }

    @Test func `a time that the clock skips or repeats is told with its date, unless dst says what to do`() {
        let base = "pipeline_name: job\nscheduler: '30 2 * * *'\ntimezone: Europe/Berlin\n"
        #expect(
            warnings(base).map(\.message) == [
                "on 2026-03-29 clocks skip 02:00 to 03:00: 02:30 runs at 03:00",
                "on 2026-10-25 clocks show 02:00 to 03:00 twice: 02:30 runs the first time only",
            ])
        #expect(warnings(base + "dst: {gap: skip}\n").map(\.place.description) == ["job.yml:2:12"])
        #expect(warnings(base + "dst: {gap: run-after, overlap: first}\n").isEmpty)
    }

    @Test func `dst says nothing to an interval`() {
        let found = warnings("pipeline_name: job\nscheduler: '@every 5m'\ndst: {gap: skip}\n")
        #expect(found.map(\.message) == ["'dst' has no effect: '@every' does not follow the wall clock"])
    }

    @Test func `A13: a value that GitLab.com does not take is told, whatever its type`() {
        func file(_ bytes: Int, _ type: String) -> String {
            let value = String(repeating: "x", count: bytes)
            return
                "pipeline_name: job\nscheduler: '@daily'\nvariables: [{key: A, variable_type: \(type), value: \(value)}]\n"
        }
        for type in ["env_var", "file"] {
            #expect(warnings(file(120 * 1024, type)).isEmpty)
            let found = warnings(file(120 * 1024 + 1, type))
            #expect(
                found.map(\.message) == [
                    "the value of 'A' is longer than 120 KiB, which GitLab.com does not take"
                ])
            #expect(found.map(\.place.description) == ["job.yml:3:1"])
        }
    }

    @Test func `many warnings do not end the reading`() {
        let documents = (0..<300).map { "pipeline_name: job\($0)\nscheduler: '*/7 * 31 * *'\n" }
        let file = advisor.read(Array(documents.joined(separator: "---\n").utf8), file: "job.yml")
        #expect(file.declarations.count == 300)
        #expect(file.findings.problems.count == 600)
    }

    @Test func `a job with a problem gets no advice, and nobody gets any unasked`() {
        #expect(
            warnings("pipeline_name: job\nscheduler: '*/7 * * * *'\nrref: main\n").map(\.severity) == [.error]
        )
        #expect(Reading.problems("pipeline_name: job\nscheduler: '*/7 * * * *'\n").isEmpty)
    }
}
