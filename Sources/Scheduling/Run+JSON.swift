import CivilTime
public import Text

/// A run as `--json` prints it, and as notices carry it.
extension Run {
    public var json: JSONValue {
        .object([
            ("job", .string(id.job)),
            ("fire_time", .string(id.fireTime.rfc3339)),
            ("run_id", .string(id.description)),
            ("state", .string(state.rawValue)),
            ("reason", JSONValue(reason)),
            ("pipeline_id", JSONValue(pipeline?.id)),
            ("pipeline_url", JSONValue(pipeline?.url)),
            ("attempts", .integer(Int64(attempts))),
            ("claimed_at", JSONValue(claimedAt?.rfc3339)),
            ("triggered_at", JSONValue(triggeredAt?.rfc3339)),
            ("finished_at", JSONValue(finishedAt?.rfc3339)),
            ("lateness_seconds", lateness.map { .number(Double($0.inMicroseconds) / 1_000_000) } ?? .null),
            ("project", JSONValue(project)),
            ("ref", JSONValue(ref)),
            ("instance", instance.isEmpty ? .null : .string(instance)),
        ])
    }
}
