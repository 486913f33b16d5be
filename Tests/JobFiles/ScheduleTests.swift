import Testing

@testable import JobFiles

/// A problem inside a value is shown at its character. The Cron module writes the message.
@Suite struct ScheduleTests {
    @Test(arguments: [
        ("scheduler: 0 24 * * *", "1:14"),
        ("scheduler: '0 24 * * *'", "1:15"),
        ("scheduler: \"0 24 * * *\"", "1:15"),
        ("scheduler:   '  0 24 * * *  '  # two", "1:19"),
        ("scheduler: &often '0 24 * * *'", "1:22"),
        ("scheduler: &often 0 24 * * *", "1:21"),
        ("scheduler: \"\\t0 24 * * *\"", "1:17"),
        ("scheduler: \"\\x30 24 * * *\"", "1:18"),
        ("scheduler: \"\\u0030 24 * * *\"", "1:20"),
        ("scheduler: \"\\U00000030 24 * * *\"", "1:24"),
        ("scheduler: '0 3 * *'", "1:20"),
        ("scheduler: 0 3 * *", "1:19"),
        ("scheduler: ''", "1:13"),
        ("? scheduler\n: '0 24 * * *'", "2:6"),
        // A value over several lines has lost its columns, so the place is its beginning.
        ("scheduler: |\n  0 24 * * *", "1:12"),
        ("scheduler: >-\n  0 24 * * *", "1:12"),
        ("scheduler: 0 24\n  * * *", "1:12"),
        ("scheduler: '0 24\n  * * *'", "1:12"),
        ("scheduler: &x\n  0 24 * * *", "1:12"),
        ("scheduler: '0 3 * * *'\ntimeout: 1h30", "2:14"),
        ("scheduler: '0 3 * * *'\ntimeout: '1 h'", "2:12"),
        ("scheduler: '0 3 * * *'\ntimezone: 'Europe/Berln'", "2:11"),
        ("scheduler: '0 0 31 4,6 *'", "1:17"),
    ])
    func places(_ yaml: String, _ place: String) {
        let problems = Reading.read(yaml + "\npipeline_name: job\n").findings.problems
        #expect(problems.map(\.place.description) == ["job.yml:\(place)"], "\(problems)")
    }

    @Test func columnsCountCharacters() {
        let yaml = "{pipeline_name: 'jöb 🚀', scheduler: 0 24 * * *}"
        #expect(Reading.read(yaml).findings.problems.map(\.place.description) == ["job.yml:1:39"])
    }

    @Test func theWholeMessage() {
        let yaml = "scheduler: '0 0 * * WEB'\npipeline_name: report\ntimezone: Europe/Berln\n"
        let problems = Reading.read(yaml, file: "jobs/report.yml").findings.problems
        #expect(problems.count == 2)
        let lines = problems.map { $0.description.split(separator: "\n").map(String.init) }
        #expect(lines.first?.first?.hasPrefix("jobs/report.yml:1:21: day-of-week field: 'WEB' ") == true)
        #expect(
            lines.first?.dropFirst() == [
                "    scheduler: '0 0 * * WEB'", "                        ^", "  try: WED",
            ])
        #expect(lines.last?.last == "  try: Europe/Berlin")
    }

    @Test func aFireTimeThatNeverComesIsAnError() {
        #expect(Reading.problems("scheduler: '0 0 30 2 *'\npipeline_name: job").count == 1)
    }
}
