import Foundation
import Ledger
import Scheduling
import Testing

/// What makes the commands easy to use: widths, times, names and shortcuts that work in all of them.
@Suite struct FitTests {
    private let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    private func run(_ line: String, output: Binary.Sink = .file) throws -> Outcome {
        try sandbox.run(line.split(separator: " ").map(String.init), output: output)
    }

    @Test(
        "Tables fit the terminal, and a pipe gets all of it", arguments: [80, 120] as [UInt16],
        [
            "status", "history", "check", "jobs", "plan", "why nightly yesterday", "next", "why nightly last",
            "env",
        ])
    func widths(columns: UInt16, command: String) throws {
        let shown = try run(command, output: .terminal(columns: columns)).out
        let plain = shown.replacing(/\u{1B}\[[0-9]*m/, with: "")
        #expect(!plain.isEmpty)
        for line in plain.split(separator: "\n") where line.contains("  ") && !line.hasPrefix("  ") {
            #expect(line.count <= Int(columns), "\(line)")
        }
        let piped = try run(command).out
        #expect(!piped.contains("…") && !piped.contains("\u{1B}"))
    }

    @Test("A failed row shows its reason and the URL of its pipeline")
    func reasonAndURL() throws {
        let row = try run("history nightly --state failed").out.split(separator: "\n").last ?? ""
        #expect(
            row.contains("failed 3 times: unit_tests") && row.contains("https://") && row.contains("-04:00"))
    }

    @Test(
        "Times are understood in every form by every command",
        arguments: [
            "1d", "12:43", "yesterday", "2026-03-08", "2026-03-08T02:30", "2026-03-08T02:30:00+0100",
            "2026-03-08T02:30:00-05", "2026-03-08T02:30:00Z", "now",
        ])
    func times(text: String) throws {
        for command in [
            "history --since", "next -n 1 --from", "audit --from", "why nightly",
            "next -n 1 --from 2020-01-01 --until",
        ] {
            #expect(try run("\(command) \(text)").code < 64, "\(command) \(text)")
        }
    }

    @Test(
        "A range that ends before it begins is refused",
        arguments: ["audit --from 12:00 --to 11:00", "next --from 12:00 --until 11:00"])
    func reversed(command: String) throws {
        let answer = try run(command)
        #expect(answer.code == 64 && answer.error.contains("--from is later than --"))
    }

    @Test("A length of time looks back, and with --until ahead")
    func lengths() throws {
        #expect(try run("next nightly --until 1d --json").list().count == 1)
        #expect(try run("history --since 3h --json").list().count == 10)
        #expect(try run("history -n 2 --json").list().count == 2)
    }

    @Test("States may stand in one list, names may be patterns, and a run id is enough for why")
    func shortcuts() throws {
        let states = try run("history --state failed,lost --json").list().compactMap {
            $0["state"] as? String
        }
        #expect(Set(states) == ["failed", "lost"])
        let jobs = try run("history night* --json").list().compactMap { $0["job"] as? String }
        #expect(Set(jobs) == ["nightly"])
        #expect(try run("next *ly -n 1 --json").list().first?["job"] as? String == "nightly")
        #expect(try run("jobs night* --json").list().count == 1)
        #expect(try run("history nothing*").code == 1)
        let why = try run("why nightly@2026-03-08T07:00:00Z --json").object()
        #expect(why["job"] as? String == "nightly" && (why["transitions"] as? [Any])?.isEmpty == false)
        #expect(try run("why nightly").code == 64)
    }

    @Test("why with a date lists the day in the job's zone; a day without fire times says so")
    func day() throws {
        let day = try run("why example_job 2026-03-09 --json").list()
        #expect(day.count == 144)
        let quiet = try run("why 週報 2026-03-10")
        #expect(quiet.code == 1 && quiet.out.contains("has no fire time on that day in Asia/Tokyo"))
    }

    @Test("why says where the job's dst leaves a time out")
    func leftOut() throws {
        try sandbox.write(
            "pipeline_name: gap\nscheduler: '30 2 * * *'\ntimezone: America/New_York\ndst: {gap: skip}\n",
            to: "jobs/gap.yml")
        let answer = try run("why gap 2026-03-08T02:30").out
        #expect(
            answer.contains("did not run, as the job's dst says: on 2026-03-08 clocks skip 02:00 to 03:00"))
        #expect(try run("why gap 2026-03-08T02:31").out.contains("is not a fire time of its schedule"))
    }

    @Test(
        "One bad file beside a healthy ledger: it is told, and the ledger is shown",
        arguments: ["status", "audit", "plan"])
    func badFile(command: String) throws {
        let before = try run(command)
        try sandbox.write("pipeline_name: broken\nscheduler: '61 * * * *'\n", to: "jobs/broken.yml")
        let beside = try run(command)
        #expect(beside.code == before.code && beside.error.contains("jobs/broken.yml:2:13: minute field"))
        #expect(beside.out.contains("nightly") == before.out.contains("nightly"))
        if command == "status" { #expect(beside.out.contains("has a problem")) }
    }

    @Test("status --check exits 1 where no scheduler runs")
    func healthCheck() throws {
        #expect(try run("status --check").code == 1 && run("status").code == 0)
    }

    @Test("check reads standard input; hints never say the opposite")
    func hints() throws {
        for (line, hint) in [
            ("paused: true", "enabled: false"), ("disabled: true", "enabled: false"),
            ("suspend: no", "enabled: true"),
            ("timezone: GMT+2", "Etc/GMT-2, which is +2 hours from UTC"), ("active: true", "enabled"),
            ("timezone: UTC-5", "Etc/GMT+5, which is -5 hours from UTC"),
        ] {
            try sandbox.write("pipeline_name: x\nscheduler: '@daily'\n\(line)\n", to: "hint/x.yml")
            let answer = try run("check hint")
            #expect(answer.code == 1 && answer.out.contains("try: \(hint)"), "\(answer.out)")
        }
    }

    @Test(
        "Other tools' names of commands are answered with ours",
        arguments: [("list", "jobs"), ("validate", "check"), ("logs", "history")])
    func otherNames(word: String, command: String) throws {
        let answer = try run(word)
        #expect(answer.code == 64 && answer.error.hasSuffix("try: \(command)\n"))
    }

    @Test("audit tells fire times from before a job's first row in a line, and does not count them")
    func beforeFirstRow() throws {
        let audit = try run("audit --from 2026-03-01 --json").object()
        let before = audit["before_first_row"] as? [[String: Any]]
        #expect(before?.first { $0["job"] as? String == "example_job" }?["fire_times"] as? Int ?? 0 > 1_000)
        let unaccounted = (audit["unaccounted"] as? [[String: Any]])?.filter {
            $0["job"] as? String == "example_job"
        }
        #expect(unaccounted?.count ?? 99 < 10)
    }
}
