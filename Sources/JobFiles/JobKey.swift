import Scheduling

/// The keys of a job in a file. A new key needs a case here, a line in the `switch` below, and a field of `Job`.
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
    case notify
    case ping
    case isEnabled = "enabled"
    case details = "description"

    /// `init(rawValue:)` does the same by comparing with one name after the other.
    static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })

    /// The key that the author may have meant: one of similar spelling, or one that other schedulers call so.
    static func meant(by word: String) -> JobKey? {
        if let near = word.nearest(among: allCases.map(\.rawValue)) { return byName[near] }
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
        case "active": return .isEnabled
        case "on_failure", "on_failure_callback", "notification", "notifications", "alert", "alerts", "email",
            "mail_on", "webhook", "webhooks", "slack":
            return .notify
        case "heartbeat", "healthcheck", "healthchecks", "check_in", "monitor": return .ping
        default: return nil
        }
    }

    /// For the keys by which other schedulers switch off a job: the line to write here instead.
    static func opposite(_ word: String, _ value: String?) -> String? {
        guard ["disabled", "disable", "suspend", "suspended", "paused", "pause"].contains(word.lowercased())
        else {
            return nil
        }
        let isOff = !["false", "no", "off"].contains(value?.lowercased())
        return "\(Self.isEnabled.rawValue): \(!isOff)"
    }
}

extension JobReader {
    /// Reads the value of one key into the job.
    mutating func read(_ key: JobKey, _ pair: Pair, into draft: inout Draft) {
        switch key {
        case .scheduler, .schedule: readSchedule(pair, into: &draft)
        case .pipelineName: readName(pair, into: &draft)
        case .variables:
            draft.job.variables = variables(pair)
            draft.variables = pair.place
        case .retries: draft.job.retries = integer(pair, in: 0...Limits.retries) ?? 0
        case .timezone: draft.job.schedule.zone = zone(pair) ?? standardZone
        case .shifts:
            draft.job.schedule.shifts = shifts(pair)
            draft.shifts = pair.place
        case .ref: draft.job.ref = ref(pair)
        case .project: draft.job.project = project(pair)
        case .inputs:
            draft.job.inputs = inputs(pair)
            draft.inputs = pair.place
        case .overlap: draft.job.overlap = choice(pair) ?? .skip
        case .catchUp: draft.job.catchUp = choice(pair) ?? .latest
        case .misfireGrace:
            draft.job.misfireGrace = duration(pair, in: .seconds(1)...(.seconds(365 * 86_400)))
        case .jitter:
            // With more than a day of jitter, a fire time would move to another day.
            draft.job.jitter = duration(pair, in: .zero...(.seconds(86_400))) ?? .zero
        case .timeout:
            // GitLab ends every CI job after a month at the latest.
            draft.job.timeout = duration(pair, in: .seconds(1)...(.seconds(31 * 86_400)))
        case .notify: draft.job.notify = notify(pair, into: &draft)
        case .ping: draft.job.ping = ping(pair, into: &draft)
        case .isEnabled: draft.job.isEnabled = boolean(pair) ?? true
        case .details: draft.job.details = details(pair)
        }
    }
}
