import Testing
import Text

@testable import JobFiles

/// The printed form of a problem.
@Suite struct PrintingTests {
    @Test func theSourceLineWithACaret() {
        let problem = Reading.read(Reading.base + "overlap: queu # why not", file: "jobs/nightly.yml")
            .findings.problems.first
        #expect(
            problem?.description == """
                jobs/nightly.yml:3:10: 'overlap' is 'queu', allowed are skip, queue, allow, cancel
                    overlap: queu # why not
                             ^
                  try: queue
                """)
    }

    @Test func withoutALine() {
        let problem = Problem(Place(file: "jobs"), "no job files in this folder", severity: .warning)
        #expect(problem.description == "jobs: warning: no job files in this folder")
        let empty = Reading.read("\n\n").findings.problems.first
        #expect(
            empty?.description
                == "job.yml:1:1: no job in this file\n  try: remove the file; 'enabled: false' switches a job off"
        )
    }

    @Test(arguments: ["\n", "\r", "\r\n", "\u{85}", "\u{2028}", "\u{2029}"])
    func linesAreThoseOfTheParser(_ lineBreak: String) {
        let lines = ["# ü", "scheduler: '@daily'", "pipeline_name: a@b", "ref: main"]
        let problems = Reading.read(lines.joined(separator: lineBreak)).findings.problems
        #expect(problems.map(\.place.position) == [Position(line: 3, column: 17)])
        #expect(problems.map { $0.excerpt?.text } == ["pipeline_name: a@b"])
    }

    @Test(arguments: [
        ("key: value", 6, "key: value", "     "),
        ("\tkey:\tvalue", 7, "\tkey:\tvalue", "\t    \t"),
        ("a\u{1B}[31m: \u{202E}b", 9, "a\u{FFFD}[31m: \u{FFFD}b", "        "),
        ("key: ", 6, "key: ", "     "),
        ("key", 99, "key", "   "),
        (String(repeating: "x", count: 200), 1, String(repeating: "x", count: 100) + "…", ""),
        (
            String(repeating: "x", count: 200), 150, "…" + String(repeating: "x", count: 100) + "…",
            String(repeating: " ", count: 61)
        ),
        (
            String(repeating: "x", count: 200), 201, "…" + String(repeating: "x", count: 60),
            String(repeating: " ", count: 61)
        ),
    ])
    func excerpts(_ line: String, _ column: Int, _ text: String, _ indent: String) {
        let excerpt = Excerpt(line: line, column: column)
        #expect(excerpt.text == text)
        #expect(excerpt.indent == indent)
    }

    @Test func nothingFromAFileReachesTheTerminalRaw() {
        let name = "\"\\e]0;gotcha\\a\\u202E\\n\""
        let problems = Reading.read(
            "\(name): 1\nvariables: {\(name): \u{85}1}\npipeline_name: \(name)", file: "a\u{1B}[2J\n.yml"
        ).findings.problems
        #expect(problems.count >= 4)
        for problem in problems {
            let scalars = problem.description.unicodeScalars
            #expect(!scalars.contains { !$0.isPrintable && $0 != "\n" }, "\(problem)")
            #expect(problem.description.split(separator: "\n").count <= 4)
        }
    }
}
