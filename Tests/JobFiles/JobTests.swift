import CivilTime
import Cron
import Scheduling
import Testing
import Text

@testable import JobFiles

/// The meaning of well-formed files.
@Suite struct JobTests {
    @Test func theSampleOfThePredecessor() throws {
        let job = try Reading.job(
            """
            scheduler: '*/10 * * * * '
            pipeline_name: 'example_job'
            variables:
                TEST_PIPELINE: 'true'

            """)
        #expect(job.name == "example_job")
        #expect(try job.schedule == Schedule(CronExpression("*/10 * * * * "), in: .utc))
        #expect(job.variables == [Variable(key: "TEST_PIPELINE", value: "true")])
    }

    @Test func whatIsNotGivenHasItsDefault() throws {
        let job = try Reading.job(Reading.base)
        #expect(try job == Job(name: "job", schedule: Schedule(CronExpression("0 3 * * *"), in: .utc)))
    }

    @Test func everyKey() throws {
        let job = try Reading.job(
            """
            schedule: "@every 90m"
            pipeline_name: "Nightly report/de: 1+1_x-y.z é"
            timezone: Europe/Berlin
            variables: {A: 1.10}
            inputs: {draft: true}
            num_retries: 100
            ref: release/1.x
            project: group/sub-group/project.name
            overlap: cancel
            catch_up: none
            misfire_grace: 1h30m
            jitter: 90s
            timeout: 2h
            notify: [ops, chat]
            ping: hc
            enabled: no
            description: |
              Two
              lines.
            """)
        let zone = try Reading.files.zones.zone(named: "Europe/Berlin")
        var expected = Job(
            name: "Nightly report/de: 1+1_x-y.z é",
            schedule: Schedule(try CronExpression("@every 90m"), in: zone))
        expected.variables = [Variable(key: "A", value: "1.10")]
        expected.inputs = [Input(name: "draft", value: .boolean(true))]
        expected.retries = 100
        expected.ref = "release/1.x"
        expected.project = "group/sub-group/project.name"
        expected.overlap = .cancel
        expected.catchUp = .none
        expected.misfireGrace = .seconds(5400)
        expected.jitter = .seconds(90)
        expected.timeout = .seconds(7200)
        expected.notify = NotifyPolicy(to: ["ops", "chat"])
        expected.ping = "hc"
        expected.isEnabled = false
        expected.details = "Two\nlines."
        #expect(job == expected)
    }

    @Test func theZoneOfTheEnvironmentIsTheDefault() throws {
        let zones = ZoneDatabase(directory: nil)
        let zone = try zones.zone(named: "Asia/Kathmandu")
        let files = JobFiles(zones: zones, zone: zone)
        let file = files.read(Array(Reading.base.utf8), file: "job.yml")
        #expect(file.declarations.first?.job?.schedule.zone == zone)
    }

    @Test(arguments: [
        ("08", "08"), ("yes", "yes"), ("1.10", "1.10"), ("true", "true"), ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("2026-01-01", "2026-01-01"), ("''", ""), ("\"\"", ""), ("'null'", "null"), ("'~'", "~"),
        ("'it''s'", "it's"), ("\"a\\tb\\u00e9\"", "a\tbé"), ("a # comment", "a"), ("a#b", "a#b"),
        ("{{ x }}", nil), ("$A ${B}", "$A ${B}"), ("-1", "-1"), (".inf", ".inf"),
        ("|\n    a\n     b\n", "a\n b\n"),
        (">-\n    a\n    b\n", "a b"), ("one\n    two", "one two"), ("' 1 '", " 1 "), ("🚀", "🚀"),
    ])
    func variableValuesStayAsWritten(_ written: String, _ value: String?) throws {
        let file = Reading.read(Reading.base + "variables:\n  KEY: \(written)\n")
        let variables = file.declarations.first?.job?.variables
        #expect(variables == value.map { [Variable(key: "KEY", value: $0)] })
    }

    @Test func variablesAsAList() throws {
        let job = try Reading.job(
            Reading.base + """
                variables:
                - {key: B, value: 08}
                - key: _a9
                  variable_type: file
                  value: |
                    text
                - {value: '', variable_type: env_var, key: C}
                """)
        #expect(
            job.variables == [
                Variable(key: "B", value: "08"), Variable(key: "_a9", value: "text\n", kind: .file),
                Variable(key: "C", value: ""),
            ])
    }

    @Test(arguments: ["variables: {}", "variables: []", "inputs: {}"])
    func nothingIsFine(_ line: String) throws {
        #expect(try Reading.job(Reading.base + line) == Reading.job(Reading.base))
    }

    @Test(
        arguments: [
            ("true", .boolean(true)), ("FALSE", .boolean(false)), ("'true'", .text("true")),
            ("yes", .text("yes")),
            ("1", .number("1")), ("-0", .number("-0")), ("1.10", .number("1.10")),
            ("-2.5e+10", .number("-2.5e+10")),
            ("1E5", .number("1E5")), ("12345678901234567890123", .number("12345678901234567890123")),
            ("08", .text("08")), ("-08", .text("-08")), ("1.", .text("1.")), (".5", .text(".5")),
            ("+1", .text("+1")),
            ("1e", .text("1e")), ("-", nil), ("1.2.3", .text("1.2.3")), ("0x1F", .text("0x1F")),
            ("\"1\"", .text("1")),
            ("''", .text("")), ("[]", .array([])),
            ("[1, 'a', [true]]", .array([.number("1"), .text("a"), .array([.boolean(true)])])),
            ("|\n    1\n", .text("1\n")), ("~", nil), ("{a: 1}", nil), ("[1, null]", nil), ("[{a: 1}]", nil),
        ] as [(String, InputValue?)])
    func inputsAreTyped(_ written: String, _ value: InputValue?) {
        let file = Reading.read(Reading.base + "inputs:\n  name: \(written)\n")
        #expect(file.declarations.first?.job?.inputs == value.map { [Input(name: "name", value: $0)] })
    }

    @Test(arguments: [
        ("true", true), ("True", true), ("TRUE", true), ("yes", true), ("On", true), ("'yes'", true),
        ("false", false), ("False", false), ("NO", false), ("off", false), ("y", nil), ("1", nil),
        ("tRue", nil),
    ])
    func booleans(_ written: String, _ value: Bool?) {
        #expect(
            Reading.read(Reading.base + "enabled: \(written)").declarations.first?.job?.isEnabled == value)
    }

    @Test(arguments: [
        ("0", 0), ("007", 7), ("100", 100), ("'2'", 2), ("101", nil), ("-1", nil), ("+1", nil), ("1.0", nil),
        ("1e1", nil), ("99999999999999999999", nil), ("two", nil), ("٣", nil),
    ])
    func retries(_ written: String, _ value: Int?) {
        #expect(
            Reading.read(Reading.base + "num_retries: \(written)").declarations.first?.job?.retries == value)
    }

    @Test func numbersAreProjectsToo() throws {
        #expect(try Reading.job(Reading.base + "project: 4711").project == "4711")
    }

    @Test func anchorsStandForTheirValues() throws {
        let job = try Reading.job(
            Reading.base + "jitter: &span 5m\ntimeout: *span\ninputs: {a: &l [1, 2], b: *l}")
        #expect(job.jitter == .seconds(300) && job.timeout == .seconds(300))
        #expect(job.inputs.map(\.value) == Array(repeating: .array([.number("1"), .number("2")]), count: 2))
    }

    @Test(arguments: ["\u{FEFF}", "---\n", "# comment\n---\n", "%YAML 1.1\n---\n", "\n\n  \n"])
    func whatMayStandBefore(_ head: String) throws {
        #expect(try Reading.job(head + Reading.base) == Reading.job(Reading.base))
    }

    @Test(arguments: ["\r\n", "\r"])
    func otherLineBreaks(_ lineBreak: String) throws {
        let lines =
            Reading.base.split(separator: "\n").map(String.init) + ["variables:", "  A: |", "    x", "    y"]
        #expect(
            try Reading.job(lines.joined(separator: lineBreak)).variables == [
                Variable(key: "A", value: "x\ny")
            ])
    }

    @Test func severalDocumentsAreSeveralJobs() {
        let file = Reading.read("---\n\(Reading.base)---\nschedule: '@daily'\npipeline_name: other\n...\n")
        #expect(file.findings.problems == [])
        #expect(file.declarations.map(\.name) == ["job", "other"])
        #expect(
            file.declarations.map(\.position) == [
                Position(line: 3, column: 16), Position(line: 6, column: 16),
            ])
    }

    @Test func aBadDocumentDoesNotSpoilItsNeighbours() {
        let file = Reading.read(
            "\(Reading.base)---\nscheduler: '@daily'\n---\nscheduler: '@daily'\npipeline_name: other\n")
        #expect(file.declarations.compactMap(\.job).map(\.name) == ["job", "other"])
        #expect(file.findings.problems.map(\.place.description) == ["job.yml:4:1"])
    }
}
