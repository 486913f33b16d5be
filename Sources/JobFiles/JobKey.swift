/// The keys of a job, as they are written.
enum JobKey: String, CaseIterable {
    case scheduler
    case schedule
    case pipelineName = "pipeline_name"
    case variables
    case retries = "num_retries"
    case timezone
    case shifts = "dst"
    case ref
    case project
    case inputs
    case overlap
    case catchUp = "catch_up"
    case misfireGrace = "misfire_grace"
    case jitter
    case timeout
    case isEnabled = "enabled"
    case details = "description"

    private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })

    /// The same as `init(rawValue:)`, which compares with one name after the other.
    init?(named name: String) {
        guard let key = Self.byName[name] else { return nil }
        self = key
    }

    /// The key somebody may have meant: one spelled nearly like that, or what other schedulers call so.
    static func meant(by word: String) -> JobKey? {
        if let near = word.nearest(among: allCases.map(\.rawValue)) {
            return JobKey(named: near)
        }
        switch word.lowercased() {
        case "cron", "crontab", "cron_expression", "when": return .scheduler
        case "name", "id", "job", "job_name", "pipeline": return .pipelineName
        case "env", "environment", "vars": return .variables
        case "retry", "retries", "max_retries": return .retries
        case "tz", "zone", "cron_timezone": return .timezone
        case "daylight_saving", "dst_policy": return .shifts
        case "branch", "tag": return .ref
        case "project_id", "project_path": return .project
        case "concurrency", "concurrency_policy", "max_instances": return .overlap
        case "coalesce", "backfill": return .catchUp
        case "misfire_grace_time", "starting_deadline": return .misfireGrace
        case "active", "disabled", "suspend", "paused": return .isEnabled
        default: return nil
        }
    }
}
