import CivilTime
import Scheduling
import Testing

@testable import Orchestrator

/// What is counted.
@Suite struct MetricsTests {
    private typealias Story = MetricsStory

    /// The samples of a metric, by their labels as they are written.
    private func samples(_ metrics: Metrics, _ name: String) -> [String: String] {
        let lines = String(decoding: metrics.text(at: Story.start), as: UTF8.self).split(separator: "\n")
        var found: [String: String] = [:]
        for line in lines where line.hasPrefix(name) {
            guard let blank = line.lastIndex(of: " ") else { continue }
            found[String(line[..<blank].dropFirst(name.count))] = String(line[blank...].dropFirst())
        }
        return found
    }

    @Test func `the whole text of a small story`() throws {
        let text = String(decoding: try Story.metrics().text(at: Story.after(1)), as: UTF8.self)
        #expect(text == Self.expected)
    }

    @Test func `each state is counted once, a skip is none of them`() {
        var metrics = Metrics()
        for event in [RunEvent.succeeded, .failed("x"), .canceled(nil), .vanished("x"), .skippedByGitLab] {
            metrics.note(
                Story.run(
                    "a", [(Story.created, 1), (.retrying("x"), 2), (.retried(attempts: 2), 3), (event, 9)]))
        }
        metrics.note(Story.run("a", [(.refused("no"), 1)]))
        metrics.note(Story.run("a", [(.dropped("misfire: found 3 h late"), 1)]))
        #expect(
            samples(metrics, "orchestrate_runs_total") == [
                #"{job="a",state="succeeded"}"#: "1", #"{job="a",state="failed"}"#: "1",
                #"{job="a",state="canceled"}"#: "1", #"{job="a",state="refused"}"#: "1",
                #"{job="a",state="lost"}"#: "1",
            ])
        #expect(
            samples(metrics, "orchestrate_skips_total") == [
                #"{job="a",reason="pipeline skipped"}"#: "1", #"{job="a",reason="misfire"}"#: "1",
            ])
    }

    @Test func `what the ledger had already is not counted`() {
        var metrics = Metrics()
        let ended = Story.run("a", [(Story.created, 1), (.failed("x"), 9)])
        metrics.note(ended, duplicates: [RunID(job: "a", fireTime: Story.start)])
        let known: Set = [
            RunID(job: "a", fireTime: Story.after(60)), RunID(job: "a", fireTime: Story.after(61)),
            RunID(job: "b", fireTime: Story.after(120)),
        ]
        metrics.note(Story.skips("a", "overlap: x", count: 5), duplicates: known)
        metrics.note(Story.skips("b", "overlap: x"), duplicates: [RunID(job: "b", fireTime: Story.start)])
        #expect(samples(metrics, "orchestrate_runs_total") == [:])
        #expect(samples(metrics, "orchestrate_skips_total") == [#"{job="a",reason="overlap"}"#: "4"])
        #expect(samples(metrics, "orchestrate_start_lateness_seconds_count") == ["": "0"])
    }

    @Test func `what a survey finds over is not counted`() {
        var metrics = Metrics()
        var decision = Decision()
        for state in [RunState.failed, .skipped] {
            var run = Run(RunID(job: "a", fireTime: Story.start), state: state, reason: "found in GitLab: x")
            run.pipeline = Pipeline(id: 1, url: "")
            decision.changes.append(.insert(run))
        }
        metrics.note(decision)
        #expect(samples(metrics, "orchestrate_runs_total") == [:])
        #expect(samples(metrics, "orchestrate_skips_total") == [:])
    }

    @Test func `a pipeline that is found starts the run once`() {
        var metrics = Metrics()
        let found = RunEvent.found(Pipeline(id: 1, url: ""), createdAt: Story.after(3))
        metrics.note(Story.run("a", [(.answerLost("x"), 1), (found, 80), (found, 90)]))
        #expect(samples(metrics, "orchestrate_start_lateness_seconds_count") == ["": "1"])
        #expect(samples(metrics, "orchestrate_start_lateness_seconds_sum") == ["": "3"])
    }

    @Test(arguments: [
        ("overlap: an earlier run was still open", "overlap"), ("paused: until: 3", "paused"),
        ("superseded by a newer fire time in catch-up", "superseded"),
        ("the job is not declared any more", "undeclared"), ("", ""),
    ])
    func `a reason is one word`(_ reason: String, _ word: String) {
        #expect(Metrics.word(of: reason) == word)
    }

    @Test func `a reload keeps what was counted, and forgets where the removed job stands`() throws {
        var metrics = try Story.metrics()
        metrics.declare(jobs: [try Story.job("new")], now: Story.start)
        let last = samples(metrics, "orchestrate_last_success_timestamp_seconds")
        #expect(last == [#"{job="new"}"#: "0"])
        #expect(
            samples(metrics, "orchestrate_next_fire").keys.sorted() == [#"_timestamp_seconds{job="new"}"#])
        let runs = samples(metrics, "orchestrate_runs_total")
        #expect(runs[#"{job="nightly",state="succeeded"}"#] == "1")
        #expect(runs[#"{job="nightly",state="failed"}"#] == nil)
        #expect(runs.count == 7)
        metrics.declare(jobs: [try Story.job("nightly")], now: Story.start)
        let again = samples(metrics, "orchestrate_last_success_timestamp_seconds")
        #expect(again == [#"{job="nightly"}"#: "1795464961"])
    }

    @Test func `a last success in the future is not believed`() throws {
        var metrics = Metrics()
        metrics.declare(jobs: [try Story.job("a")], now: Story.start, lastSuccess: ["a": Story.after(1)])
        #expect(samples(metrics, "orchestrate_last_success_timestamp_seconds") == [#"{job="a"}"#: "0"])
    }

    @Test func `a bucket includes its bound, and a clock that was set back makes no length below zero`() {
        var histogram = Histogram.lateness
        for length in [-5, 0, 50, 51, 3_600_000, 3_600_001].map({ Duration.milliseconds($0) }) {
            histogram.note(length)
        }
        #expect(histogram.counts == [3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
        #expect(histogram.count == 6 && histogram.sum == .milliseconds(7_200_102))
        histogram.note(.seconds(Int64.max))
        #expect(histogram.count == 7 && histogram.sum < .seconds(400 * 86_400))
    }

    @Test(arguments: [
        (0, "0"), (1, "0.000001"), (50_000, "0.05"), (1_000_000, "1"), (2_500_000, "2.5"), (-500_000, "-0.5"),
        (Int64.max, "9223372036854.775807"), (Int64.min, "-9223372036854.775808"),
    ])
    func `seconds are exact`(_ microseconds: Int64, _ text: String) {
        #expect(MetricsText.seconds(.microseconds(microseconds)) == text)
    }
}
