extension MetricsTests {
    /// The text of `MetricsStory.metrics()` a second after its start.
    static let expected = #"""
        # HELP orchestrate_runs_total Runs that came to their end, since this process started.
        # TYPE orchestrate_runs_total counter
        orchestrate_runs_total{job="Ab\"c\\d\ne",state="succeeded"} 0
        orchestrate_runs_total{job="Ab\"c\\d\ne",state="failed"} 0
        orchestrate_runs_total{job="Ab\"c\\d\ne",state="canceled"} 0
        orchestrate_runs_total{job="Ab\"c\\d\ne",state="refused"} 0
        orchestrate_runs_total{job="Ab\"c\\d\ne",state="lost"} 0
        orchestrate_runs_total{job="nightly",state="succeeded"} 1
        orchestrate_runs_total{job="nightly",state="failed"} 0
        orchestrate_runs_total{job="nightly",state="canceled"} 0
        orchestrate_runs_total{job="nightly",state="refused"} 0
        orchestrate_runs_total{job="nightly",state="lost"} 0
        orchestrate_runs_total{job="off",state="succeeded"} 0
        orchestrate_runs_total{job="off",state="failed"} 0
        orchestrate_runs_total{job="off",state="canceled"} 0
        orchestrate_runs_total{job="off",state="refused"} 0
        orchestrate_runs_total{job="off",state="lost"} 0
        orchestrate_runs_total{job="gone",state="failed"} 1
        # HELP orchestrate_skips_total Fire times that were not run, since this process started.
        # TYPE orchestrate_skips_total counter
        orchestrate_skips_total{job="nightly",reason="overlap"} 3
        orchestrate_skips_total{job="nightly",reason="superseded"} 1
        # HELP orchestrate_start_lateness_seconds From the fire time of a run to its pipeline.
        # TYPE orchestrate_start_lateness_seconds histogram
        orchestrate_start_lateness_seconds_bucket{le="0.05"} 0
        orchestrate_start_lateness_seconds_bucket{le="0.1"} 0
        orchestrate_start_lateness_seconds_bucket{le="0.25"} 0
        orchestrate_start_lateness_seconds_bucket{le="0.5"} 1
        orchestrate_start_lateness_seconds_bucket{le="1"} 1
        orchestrate_start_lateness_seconds_bucket{le="2.5"} 2
        orchestrate_start_lateness_seconds_bucket{le="5"} 2
        orchestrate_start_lateness_seconds_bucket{le="10"} 2
        orchestrate_start_lateness_seconds_bucket{le="30"} 2
        orchestrate_start_lateness_seconds_bucket{le="60"} 2
        orchestrate_start_lateness_seconds_bucket{le="300"} 2
        orchestrate_start_lateness_seconds_bucket{le="900"} 2
        orchestrate_start_lateness_seconds_bucket{le="3600"} 2
        orchestrate_start_lateness_seconds_bucket{le="+Inf"} 2
        orchestrate_start_lateness_seconds_sum 2.9
        orchestrate_start_lateness_seconds_count 2
        # HELP orchestrate_run_duration_seconds From a run's pipeline to the end of the run.
        # TYPE orchestrate_run_duration_seconds histogram
        orchestrate_run_duration_seconds_bucket{le="10"} 0
        orchestrate_run_duration_seconds_bucket{le="30"} 0
        orchestrate_run_duration_seconds_bucket{le="60"} 0
        orchestrate_run_duration_seconds_bucket{le="120"} 1
        orchestrate_run_duration_seconds_bucket{le="300"} 1
        orchestrate_run_duration_seconds_bucket{le="600"} 1
        orchestrate_run_duration_seconds_bucket{le="1200"} 1
        orchestrate_run_duration_seconds_bucket{le="1800"} 1
        orchestrate_run_duration_seconds_bucket{le="3600"} 1
        orchestrate_run_duration_seconds_bucket{le="7200"} 2
        orchestrate_run_duration_seconds_bucket{le="14400"} 2
        orchestrate_run_duration_seconds_bucket{le="28800"} 2
        orchestrate_run_duration_seconds_bucket{le="86400"} 2
        orchestrate_run_duration_seconds_bucket{le="+Inf"} 2
        orchestrate_run_duration_seconds_sum 4058.35
        orchestrate_run_duration_seconds_count 2
        # HELP orchestrate_next_fire_timestamp_seconds The next fire time; none: off, or the schedule is over.
        # TYPE orchestrate_next_fire_timestamp_seconds gauge
        orchestrate_next_fire_timestamp_seconds{job="Ab\"c\\d\ne"} 1795478400
        orchestrate_next_fire_timestamp_seconds{job="nightly"} 1795467600
        # HELP orchestrate_last_success_timestamp_seconds When a run last succeeded; 0: never, or not known.
        # TYPE orchestrate_last_success_timestamp_seconds gauge
        orchestrate_last_success_timestamp_seconds{job="Ab\"c\\d\ne"} 0
        orchestrate_last_success_timestamp_seconds{job="nightly"} 1795464961
        orchestrate_last_success_timestamp_seconds{job="off"} 1795378499.5
        # HELP orchestrate_open_runs Runs that are not over.
        # TYPE orchestrate_open_runs gauge
        orchestrate_open_runs 2
        # HELP orchestrate_is_active 1: this process creates pipelines. 0: it waits for another or ends.
        # TYPE orchestrate_is_active gauge
        orchestrate_is_active 1
        # HELP orchestrate_token_expiry_timestamp_seconds When GitLab ends the access token.
        # TYPE orchestrate_token_expiry_timestamp_seconds gauge
        orchestrate_token_expiry_timestamp_seconds 1800000000

        """#
}
