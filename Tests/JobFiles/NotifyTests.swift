import Scheduling
import Testing

@testable import JobFiles

/// The keys `notify` and `ping`.
@Suite struct NotifyTests {
    @Test(arguments: [
        ("notify: ops", NotifyPolicy(to: ["ops"])),
        ("notify: Ops_2", NotifyPolicy(to: ["ops_2"])),
        ("notify: 7", NotifyPolicy(to: ["7"])),
        ("notify: [OPS, chat]", NotifyPolicy(to: ["ops", "chat"])),
        ("notify: none", .silent),
        ("notify: None", .silent),
        ("notify: [none]", .silent),
        ("notify: {failed: ops}", NotifyPolicy(channels: [.failed: ["ops"]])),
    ])
    func `channels are read`(_ line: String, _ policy: NotifyPolicy) throws {
        #expect(try Reading.job(Reading.base + line).notify == policy)
    }

    @Test func `a map tells each kind to its own channels`() throws {
        let job = try Reading.job(
            Reading.base + """
                notify:
                  after_failures: 2
                  failed: [ops, chat]
                  recovered: chat
                  missed: [a]
                  refused: [b]
                  blocked: [C]
                  late: {to: ops, after: 15m}
                  repeat: 12h
                ping: HC
                """)
        var policy = NotifyPolicy(channels: [
            .failed: ["ops", "chat"], .recovered: ["chat"], .missed: ["a"], .refused: ["b"],
            .blocked: ["c"], .late: ["ops"],
        ])
        policy.lateAfter = .seconds(900)
        policy.afterFailures = 2
        policy.repeatAfter = .seconds(43_200)
        #expect(job.notify == policy)
        #expect(job.ping == "hc")
    }

    @Test func `a job without these keys says nothing about them`() throws {
        let job = try Reading.job(Reading.base)
        #expect(job.notify == nil && job.ping == nil)
    }

    @Test func `bounds are inclusive`() throws {
        for (after, count, again) in [("1s", 1, "1m"), ("7d", 1_000, "365d")] {
            let line = "notify: {late: {after: \(after), to: a}, after_failures: \(count), repeat: \(again)}"
            let policy = try #require(try Reading.job(Reading.base + line).notify)
            #expect(policy.lateAfter == (after == "1s" ? .seconds(1) : .seconds(7 * 86_400)))
            #expect(policy.afterFailures == count)
        }
    }

    @Test func `what the map does not say has its default`() throws {
        let policy = try #require(try Reading.job(Reading.base + "notify: {blocked: [ops]}").notify)
        #expect(policy.lateAfter == nil && policy.afterFailures == 1)
        #expect(policy.repeatAfter == NotifyPolicy.standardRepeat)
    }

    private static let lone = "notify: ops, or notify: none to tell nobody"

    @Test(arguments: [
        Case(key: "notify:", "3:8: 'notify' has no value | \(lone)"),
        Case(key: "notify: []", "3:9: 'notify' names no channel | \(lone)"),
        Case(key: "notify: ''", "3:9: 'notify' is empty"),
        Case(key: "notify: off", "3:9: 'notify' is 'off', which is no channel | \(lone)"),
        Case(key: "notify: [ops, ~]", "3:15: 'notify' has no value | \(lone)"),
        Case(key: "notify: [ops, none]", "3:15: 'none' stands beside channels | none alone, or without it"),
        Case(key: "notify: [ops, OPS]", "3:15: 'notify' names 'ops' twice | remove one of the two"),
        Case(key: "notify: [[ops]]", "3:10: 'notify' must be a single value, not a list"),
        Case(
            key: "notify: ops-team",
            "3:12: 'notify' must not contain '-' | a channel's name has letters, digits and '_'"),
        Case(
            key: "notify: 'ö'",
            "3:10: 'notify' must not contain 'ö' | a channel's name has letters, digits and '_'"),
        Case(
            key: "notify: hook_SECRET",
            "3:9: 'notify' is 'hook_SECRET': the names of channels do not end in _FILE or _SECRET"),
        Case(
            key: "notify: \(String(repeating: "x", count: 101))",
            "3:9: 'notify' has 101 characters, at most 100 are allowed"),
        Case(
            key: "notify: {}",
            "3:9: 'notify' names no channel | notify: {failed: [ops]}, or notify: none to tell nobody"),
        Case(
            key: "notify: {repeat: 1h}",
            "3:9: 'notify' names no channel | notify: {failed: [ops]}, or notify: none to tell nobody"),
    ])
    func `a bad notify is refused`(_ row: Case) {
        #expect(Reading.problems(row.yaml) == row.expected)
    }

    private static let keys =
        "failed, recovered, missed, refused, blocked, late, after_failures, repeat"
    private static let late = "late: {after: 15m, to: [ops]}"

    @Test(arguments: [
        Case(key: "notify: {fails: ops}", "3:10: unknown key 'fails' in 'notify' | failed"),
        Case(key: "notify: {on_success: ops}", "3:10: unknown key 'on_success' in 'notify' | recovered"),
        Case(key: "notify: {reminder: 1h}", "3:10: unknown key 'reminder' in 'notify' | repeat"),
        Case(key: "notify: {channel: ops}", "3:10: unknown key 'channel' in 'notify' | one of \(keys)"),
        Case(
            key: "notify: {missed: none}",
            "3:18: 'missed' is 'none' | no such key: a kind without a key is not told"),
        Case(
            key: "notify: {failed: []}",
            "3:18: 'failed' names no channel | failed: [ops], or no such key"),
        Case(key: "notify: {failed: {to: ops}}", "3:18: 'failed' must be a single value, not a map"),
        Case(
            key: "notify: {failed: ops, after_failures: 0}",
            "3:39: 'after_failures' is '0', a whole number from 1 to 1000 is needed"),
        Case(
            key: "notify: {failed: ops, repeat: 59s}",
            "3:31: 'repeat' is '59s', allowed is 1m to 365d"),
        Case(key: "notify: {late: ops}", "3:16: 'late' must be a map | \(late)"),
        Case(key: "notify: {late: {to: ops}}", "3:16: the key 'after' of 'late' is missing | \(late)"),
        Case(key: "notify: {late: {after: 1m}}", "3:16: the key 'to' of 'late' is missing | \(late)"),
        Case(
            key: "notify: {late: {after: 8d, to: ops}}", "3:24: 'after' is '8d', allowed is 1s to 7d"),
        Case(
            key: "notify: {late: {after: 1m, tos: ops, to: ops}}",
            "3:28: unknown key 'tos' in 'late' | to"),
        Case(
            key: "notify: {fails: a-b, failed: a-b, late: {after: x}, repeat: 1}",
            "3:10: unknown key 'fails' in 'notify' | failed",
            "3:31: 'failed' must not contain '-' | a channel's name has letters, digits and '_'",
            "3:49: 'x' is not a number, a duration looks like 90s, 15m or 1h30m",
            "3:41: the key 'to' of 'late' is missing | \(late)",
            "3:62: the unit is missing, one of d h m s | 1s"),
    ])
    func `a bad map is refused`(_ row: Case) {
        #expect(Reading.problems(row.yaml) == row.expected)
    }

    @Test(arguments: [
        Case(key: "ping:", "3:6: 'ping' has no value | ping: hc, or no such key"),
        Case(key: "ping: [hc]", "3:7: 'ping' must be a single value, not a list"),
        Case(
            key: "ping: none",
            "3:7: 'ping' is 'none', and a job without this key sends no pings | no such key"),
        Case(key: "ping: no", "3:7: 'ping' is 'no', which is no channel | ping: hc, or no such key"),
        Case(key: "on_failure: ops", "3:1: unknown key 'on_failure' | notify"),
        Case(key: "notfy: ops", "3:1: unknown key 'notfy' | notify"),
        Case(key: "healthcheck: hc", "3:1: unknown key 'healthcheck' | ping"),
    ])
    func `a bad ping is refused, and other schedulers' keys are known`(_ row: Case) {
        #expect(Reading.problems(row.yaml) == row.expected)
    }

    @Test(arguments: [
        "notify: https://h.test/s3cret", "notify: slack+https://h.test/s3cret",
        "notify:\n- https://h.test/s3cret",
        "notify: {failed: [https://user:s3cret@h.test]}", "notify: {https://h.test/s3cret : failed}",
        "notify: {late: {after: 1m, to: 'https://h.test?s3cret'}}", "ping: https://h.test/s3cret",
        "on_failure: https://h.test/s3cret", "notify: https://h.test/s3cret: x",
    ])
    func `a URL is refused, and no message shows where it leads`(_ lines: String) {
        let problems = Reading.read(Reading.base + lines + "\n").findings.problems
        #expect(!problems.isEmpty)
        for problem in problems { #expect(!problem.description.contains("s3cret"), "\(problem)") }
    }

    @Test func `a URL in notify gets the way it is done`() {
        let problems = Reading.read(Reading.base + "notify: slack+https://h.test/s3cret\n").findings.problems
        #expect(
            problems.map(\.description) == [
                """
                job.yml:3:9: 'notify' has a URL: it is a secret, and job files only name channels
                    notify: slack+https://h.test/[hidden]
                            ^
                  try: a name such as ops, and ORCHESTRATE_NOTIFY_OPS=slack+https://… in the environment
                """
            ])
    }
}
