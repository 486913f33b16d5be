public import CivilTime
public import JobFiles
import Scheduling

extension LoadedJobs {
    /// Adds a warning for each project and ref whose jobs start more pipelines than its rate limit admits.
    public mutating func warnOfHerds(perMinute: Int, at now: Instant) {
        problems += Herd.worst(of: jobs, perMinute: perMinute, after: now).compactMap { herd in
            guard let first = herd.jobs.first, let place = places[first] else { return nil }
            let others = herd.jobs.count - 1
            let company = others > 0 ? " and \(others) other job\(others == 1 ? "" : "s")" : ""
            let wait = herd.wait > .zero ? ": the last one \(herd.wait.rough) later" : ""
            return Problem(
                place,
                "\(herd.waiting) runs wait at \(herd.minute.rfc3339), \(first)\(company) among them, and GitLab takes "
                    + "\(perMinute) a minute\(wait)",
                hint: "'jitter' spreads them; ORCHESTRATE_RATE_PER_MINUTE is what your GitLab takes",
                severity: .warning)
        }
    }
}
