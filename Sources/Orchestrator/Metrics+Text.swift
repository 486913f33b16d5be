public import CivilTime
import Scheduling

extension Metrics {
    /// All of it in Prometheus' text format. Next fire times are those after `now`.
    public func text(at now: Instant) -> [UInt8] {
        var text = MetricsText()
        // Rows of one metric stand together, so the labels are made once for all.
        let labels = rows.map { MetricsText.label("job", $0.name) }
        writeRuns(to: &text, labels)
        writeSkips(to: &text, labels)
        text.histogram(
            "orchestrate_start_lateness_seconds", "From the fire time of a run to its pipeline.", lateness)
        text.histogram(
            "orchestrate_run_duration_seconds", "From a run's pipeline to the end of the run.", runDuration)
        writeFireTimes(to: &text, labels, now)
        text.gauge("orchestrate_open_runs", "Runs that are not over.", "\(openRuns)")
        text.gauge(
            "orchestrate_is_active", "1: this process creates pipelines. 0: it waits for another or ends.",
            isActive ? "1" : "0")
        if let tokenExpiry {
            text.gauge(
                "orchestrate_token_expiry_timestamp_seconds", "When GitLab ends the access token.",
                MetricsText.seconds(tokenExpiry.sinceEpoch))
        }
        return text.bytes
    }

    /// A declared job has every state, with 0 where there was no such run: Prometheus sees no rise in a series that
    /// begins at 1.
    private func writeRuns(to text: inout MetricsText, _ labels: [[UInt8]]) {
        let name = "orchestrate_runs_total"
        text.head(name, "counter", "Runs that came to their end, since this process started.")
        let states = Self.finalStates.map { MetricsText.label("state", $0.rawValue) }
        for (row, label) in zip(rows, labels) where row.job != nil || row.runs.contains(where: { $0 > 0 }) {
            for (count, state) in zip(row.runs, states) where row.job != nil || count > 0 {
                text.sample(name, [label, state], count)
            }
        }
    }

    private func writeSkips(to text: inout MetricsText, _ labels: [[UInt8]]) {
        let name = "orchestrate_skips_total"
        text.head(name, "counter", "Fire times that were not run, since this process started.")
        for (row, label) in zip(rows, labels) {
            for (reason, count) in row.skips.sorted(by: { $0.key < $1.key }) {
                text.sample(name, [label, MetricsText.label("reason", reason)], count)
            }
        }
    }

    private func writeFireTimes(to text: inout MetricsText, _ labels: [[UInt8]], _ now: Instant) {
        let next = "orchestrate_next_fire_timestamp_seconds"
        text.head(next, "gauge", "The next fire time; none: off, or the schedule is over.")
        for (row, label) in zip(rows, labels) {
            guard let job = row.job, job.isEnabled, let time = job.schedule.next(after: now) else { continue }
            text.sample(next, [label], Int(time.seconds))
        }
        let last = "orchestrate_last_success_timestamp_seconds"
        text.head(
            last, "gauge", "When a run last succeeded; 0: never, or not known.")
        for (row, label) in zip(rows, labels) where row.job != nil {
            text.sample(last, [label], MetricsText.seconds(row.lastSuccess?.sinceEpoch ?? .zero))
        }
    }
}

extension Instant {
    fileprivate var sinceEpoch: Duration { Instant(microseconds: 0).duration(to: self) }
}
