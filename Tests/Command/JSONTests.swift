import Foundation
import Testing

/// `--json` is a contract: the output always has the keys that docs/json.md names.
@Suite struct JSONTests {
    let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    private static let run = [
        "job", "fire_time", "run_id", "state", "reason", "pipeline_id", "pipeline_url", "attempts",
        "claimed_at",
        "triggered_at", "finished_at", "lateness_seconds", "project", "ref", "instance",
    ]

    @Test(arguments: [
        (["history"], run),
        (["next"], ["job", "fire_time", "local_time"]),
        (["next", "--expression", "@daily"], ["fire_time", "local_time"]),
        (["check", "bad"], ["file", "line", "column", "severity", "message", "hint"]),
        (["plan"], ["job", "fire_time", "run_id", "action", "reason"]),
        (["env"], ["name", "need", "state", "value", "default", "secret", "meaning"]),
    ])
    func listsHaveExactlyTheDocumentedKeys(_ arguments: [String], _ keys: [String]) throws {
        let outcome = try sandbox.run(arguments + ["--json"])
        let list = try outcome.list()
        #expect(!list.isEmpty)
        for object in list { #expect(Set(object.keys) == Set(keys)) }
        #expect(outcome.out.keysOfFirstObject(keys.count) == keys, "the documented order")
    }

    @Test func everyDocumentedKeyIsPrinted() throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(
            path: "../../docs/json.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let documented = Set(text.matches(of: /\| `([a-z_]+)` \|/).map { String($0.output.1) })
        let commands = [
            ["history"], ["next"], ["check", "bad"], ["env"], ["status"], ["why", "nightly", "last"],
            ["audit", "--from", "2020-01-01"], ["plan"], ["jobs"], ["doctor"],
        ]
        let printed = try commands.flatMap { command in
            try sandbox.run(command + ["--json"]).out.matches(of: /"([a-z_]+)":/).map { String($0.output.1) }
        }
        #expect(documented == Set(printed))
    }

    @Test func statusAndWhyAreObjects() throws {
        let status = try sandbox.run(["status", "--json"]).object()
        #expect(Set(status.keys) == ["scheduler", "ledger", "jobs"])
        let why = try sandbox.run(["why", "nightly", "last", "--json"]).object()
        #expect(Set(why.keys) == ["job", "fire_time", "local_time", "explanation", "run", "transitions"])
    }

    @Test func doctorIsAnObject() throws {
        let answer = try sandbox.run(["doctor", "--json"]).object()
        #expect(Set(answer.keys) == ["gitlab", "checks"])
        #expect(Set((answer["gitlab"] as? [String: Any] ?? [:]).keys) == ["url", "version"])
        let checks = try #require(answer["checks"] as? [[String: Any]])
        for check in checks { #expect(Set(check.keys) == ["id", "target", "verdict", "message", "fix"]) }
    }

    @Test func textIsEscaped() throws {
        try sandbox.write(
            "pipeline_name: 'say \"hi\"\u{7F}\u{2028}'\nscheduler: '@daily'\n", to: "odd/a\"b.yml")
        let problems = try sandbox.run(["check", "odd", "--json"]).list()
        #expect(problems.first?["file"] as? String == "odd/a\"b.yml")
    }
}

extension Outcome {
    func list() throws -> [[String: Any]] {
        try #require(JSONSerialization.jsonObject(with: Data(out.utf8)) as? [[String: Any]])
    }

    func object() throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(out.utf8)) as? [String: Any])
    }
}

extension String {
    fileprivate func keysOfFirstObject(_ count: Int) -> [String] {
        matches(of: /"([a-z_]+)":/).prefix(count).map { String($0.output.1) }
    }
}
