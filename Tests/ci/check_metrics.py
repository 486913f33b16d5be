#!/usr/bin/env python3
"""Reads a metrics file with Prometheus' own parser, and prints its samples as JSON.

    check_metrics.py FILE      exits 1 and says what is wrong where the file breaks a rule of the format
"""

import json
import sys
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

TYPES = {
    "orchestrate_runs": "counter",
    "orchestrate_skips": "counter",
    "orchestrate_start_lateness_seconds": "histogram",
    "orchestrate_run_duration_seconds": "histogram",
    "orchestrate_next_fire_timestamp_seconds": "gauge",
    "orchestrate_last_success_timestamp_seconds": "gauge",
    "orchestrate_open_runs": "gauge",
    "orchestrate_is_active": "gauge",
    "orchestrate_token_expiry_timestamp_seconds": "gauge",
}


def check_histogram(family):
    buckets = [(float(sample.labels["le"]), sample.value) for sample in family.samples
               if sample.name.endswith("_bucket")]
    assert buckets == sorted(buckets), f"{family.name}: the bounds do not rise"
    counts = [count for _, count in buckets]
    assert counts == sorted(counts), f"{family.name}: the buckets are not cumulative"
    rest = {sample.name: sample.value for sample in family.samples if not sample.labels}
    assert buckets[-1] == (float("inf"), rest[f"{family.name}_count"]), f"{family.name}: +Inf is not the count"
    assert rest[f"{family.name}_sum"] >= 0, f"{family.name}: the sum is below zero"


def main():
    text = Path(sys.argv[1]).read_bytes().decode("utf-8")
    assert text.endswith("\n"), "the last line has no end"
    families = list(text_string_to_metric_families(text))
    types = {family.name: family.type for family in families}
    assert len(types) == len(families), "a metric stands in two places"
    assert types == {name: TYPES.get(name) for name in types}, f"unexpected metrics: {types}"
    assert set(TYPES) - set(types) <= {"orchestrate_token_expiry_timestamp_seconds"}, f"missing: {set(TYPES) - set(types)}"
    samples = []
    for family in families:
        assert family.documentation, f"{family.name} has no HELP"
        for sample in family.samples:
            assert sample.timestamp is None, f"{sample.name} has a time stamp"
            samples.append({"name": sample.name, "labels": sample.labels, "value": sample.value})
        if family.type == "histogram":
            check_histogram(family)
    series = [(sample["name"], sorted(sample["labels"].items())) for sample in samples]
    assert all(entry not in series[:place] for place, entry in enumerate(series)), "a series stands twice"
    json.dump([{**sample, "value": str(float(sample["value"]))} for sample in samples], sys.stdout)


if __name__ == "__main__":
    try:
        main()
    except (AssertionError, ValueError, KeyError) as error:
        sys.exit(f"check_metrics: {error}")
