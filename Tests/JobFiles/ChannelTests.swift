import CivilTime
import Scheduling
import Testing

@testable import JobFiles

/// The checks that need to know the channels, and the warnings of URLs in files.
@Suite struct ChannelTests {
    private static let known = [
        "ops": ChannelTraits(isChat: true, isSwitch: false),
        "chat": ChannelTraits(isChat: true, isSwitch: false),
        "hc": ChannelTraits(isChat: false, isSwitch: true),
    ]

    private static func loaded(_ files: [(name: String, text: String)]) -> LoadedJobs {
        var loaded = LoadedJobs()
        for file in files { loaded.add(.success(Reading.read(file.text, file: file.name))) }
        loaded.sort()
        return loaded
    }

    private static func problems(
        _ files: [(name: String, text: String)], _ known: [String: ChannelTraits]?
    ) -> [String] {
        var loaded = loaded(files)
        loaded.checkChannels(known)
        return loaded.problems.map { "\($0.place): \($0.message)" + ($0.hint.map { " | \($0)" } ?? "") }
    }

    private static func job(_ name: String, _ lines: String) -> String {
        "scheduler: '@daily'\npipeline_name: '\(name)'\n\(lines)\n"
    }

    @Test func `channels that are there and can do it are fine`() {
        let files = [
            ("a.yml", Self.job("a", "notify: {failed: [OPS, chat], late: {after: 1m, to: ops}}\nping: hc")),
            ("b.yml", Self.job("b", "notify: none\nping: HC")), ("c.yml", Self.job("c", "ref: main")),
        ]
        #expect(Self.problems(files, Self.known) == [])
    }

    @Test func `what is not there, or cannot do it, is told at its place`() {
        let files = [
            ("a.yml", Self.job("a", "notify: [oops, pager]\nping: chat")),
            (
                "b.yml",
                Self.job("b", "notify:\n  missed: hc\n  late: {after: 1m, to: [ops, nobody]}\nping: hcc")
            ),
        ]
        #expect(
            Self.problems(files, Self.known) == [
                "a.yml:3:10: unknown channel 'oops': ORCHESTRATE_NOTIFY_OOPS is not set; known are chat, hc, ops | ops",
                "a.yml:3:16: unknown channel 'pager': ORCHESTRATE_NOTIFY_PAGER is not set; known are chat, hc, ops"
                    + " | ORCHESTRATE_NOTIFY_PAGER=slack+https://…",
                "a.yml:4:7: the channel 'chat' takes no pings"
                    + " | notify: chat, or the name of a channel healthchecks+https://…",
                "b.yml:4:11: the channel 'hc' takes pings only | ping: hc, or the name of another channel",
                "b.yml:5:31: unknown channel 'nobody': ORCHESTRATE_NOTIFY_NOBODY is not set; known are chat, hc, ops"
                    + " | ORCHESTRATE_NOTIFY_NOBODY=slack+https://…",
                "b.yml:6:7: unknown channel 'hcc': ORCHESTRATE_NOTIFY_HCC is not set; known are chat, hc, ops | hc",
            ])
        #expect(Self.problems(files, nil) == [])
        #expect(
            Self.problems([("a.yml", Self.job("a", "ping: hc"))], [:]) == [
                "a.yml:3:7: unknown channel 'hc': ORCHESTRATE_NOTIFY_HC is not set; there are no channels"
                    + " | ORCHESTRATE_NOTIFY_HC=healthchecks+https://…"
            ])
    }

    @Test func `an unknown channel makes the files unusable, also beside another problem of its job`() {
        var loaded = Self.loaded([("a.yml", Self.job("a", "notify: oops\nnum_retries: x"))])
        #expect(loaded.problems.map(\.place.description) == ["a.yml:4:14"])
        loaded.checkChannels(Self.known)
        #expect(loaded.problems.map(\.place.description) == ["a.yml:3:9", "a.yml:4:14"])
        var good = Self.loaded([("a.yml", Self.job("a", "notify: oops"))])
        #expect(good.isUsable)
        good.checkChannels(Self.known)
        #expect(!good.isUsable)
    }

    @Test(arguments: [nil, known]) func `two jobs may not ping one address`(_ known: [String: ChannelTraits]?)
    {
        let files = [
            ("a.yml", Self.job("Nightly load", "ping: hc")), ("b.yml", Self.job("nightly-load", "ping: HC")),
            ("c.yml", Self.job("nightly load", "notify: ops")),
            ("d.yml", Self.job("nightly_load", "ping: hc")),
            ("e.yml", Self.job("日報", "ping: hc")),
        ]
        #expect(
            Self.problems(files, known) == [
                "b.yml:3:7: the channel 'hc' knows two jobs as 'nightly-load': 'nightly-load', and 'Nightly load' at "
                    + "a.yml:3:7 | another pipeline_name, or another channel for one of them",
                "e.yml:3:7: the name '日報' has no character that the address of a ping can have"
                    + " | a pipeline_name with letters a-z or digits",
            ])
    }

    private func warnings(_ lines: String) -> [Problem] {
        let advisor = JobFiles(
            zones: ZoneDatabase(directory: nil), adviceAt: Instant(rfc3339: "2026-01-01T00:00:00Z"))
        return advisor.read(Array((Reading.base + lines).utf8), file: "job.yml").findings.problems
    }

    @Test(arguments: [
        "https://hooks.slack.com/services/T0/B0/s3cret", "HTTPS://Discord.com/api/webhooks/1/s3cret",
        "https://hc-ping.com/s3cret", "https://x.webhook.office.com/webhookb2/s3cret",
        "https://prod-1.westeurope.logic.azure.com:443/workflows/s3cret", "json+https://h.test/s3cret",
        "https://gitlab.test/g/p/-/alerts/notify.json?s3cret", "slack+http://h.test/s3cret",
    ])
    func `check warns of the URL of a hook, and does not show it`(_ url: String) {
        for lines in ["description: see \(url)\n", "variables: {HOOK: '\(url)'}\n", "# \(url)\n"] {
            let found = warnings(lines)
            #expect(
                found.map(\.message) == [
                    "this looks like the URL of a hook, and who reads this file can send messages to it"
                ])
            #expect(found.map(\.severity) == [.warning])
            let column = lines.distance(
                from: lines.startIndex, to: lines.range(of: url)?.lowerBound ?? lines.startIndex)
            #expect(found.map(\.place.position) == [Position(line: 3, column: column + 1)])
            for problem in found { #expect(!problem.description.contains("s3cret"), "\(problem)") }
        }
    }

    @Test func `other URLs are no hooks, each line is told once, and nobody is told unasked`() {
        #expect(warnings("description: see https://wiki.test/slack and https://slack.com/help\n").isEmpty)
        let url = "https://hc-ping.com/a"
        #expect(Reading.problems(Reading.base + "# \(url)\n").isEmpty)
        #expect(
            warnings("# \(url) \(url)\n# é\(url)\n").map(\.place.description) == [
                "job.yml:3:3", "job.yml:4:4",
            ])
        #expect(warnings("notify: \(url)\n").map(\.severity) == [.error])
        #expect(warnings(String(repeating: "# \(url)\n", count: 50)).count == 20)
    }
}
