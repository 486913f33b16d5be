public import CivilTime

/// More runs of one project and ref at once than GitLab creates pipelines in a minute.
public struct Herd: Hashable, Sendable {
    /// nil: the environment's.
    public var project: String?
    public var ref: String?
    /// The minute in which the most runs wait.
    public var minute: Instant
    /// How many runs wait then, and how long the last of them waits.
    public var waiting: Int
    public var wait: Duration
    /// The jobs that fall due in that minute, by name.
    public var jobs: [String]
}

extension Herd {
    /// How far ahead to look, in minutes. A job that runs every minute is followed for a day only: its days are all
    /// alike.
    private static let outlook: Int64 = 35 * 1_440
    private static let mostFireTimes = 2_000_000
    private static let fewestOfOneJob = 1_500

    private struct Target: Hashable {
        var project: String?
        var ref: String?
    }

    /// The worst herd of each project and ref in the coming weeks, if GitLab creates `perMinute` pipelines in a minute.
    /// None where `perMinute` is 0, which means no limit.
    public static func worst(of jobs: [Job], perMinute: Int, after now: Instant) -> [Herd] {
        guard perMinute > 0, !jobs.isEmpty else { return [] }
        let lanes = Dictionary(grouping: jobs.filter(\.isEnabled)) {
            Target(project: $0.project, ref: $0.ref)
        }
        let most = max(mostFireTimes / jobs.count, fewestOfOneJob)
        return lanes.filter { $0.value.count > perMinute }
            .compactMap {
                worst(of: $0.value, in: $0.key, perMinute: perMinute, after: now, mostOfOneJob: most)
            }
            .sorted { ($0.project ?? "", $0.ref ?? "") < ($1.project ?? "", $1.ref ?? "") }
    }

    private static func worst(
        of jobs: [Job], in lane: Target, perMinute: Int, after now: Instant, mostOfOneJob: Int
    ) -> Herd? {
        var due: [Int64: Int] = [:]
        var end = now.seconds / 60 + outlook
        for job in jobs {
            var fireTime = now
            for number in 1... {
                guard let next = job.schedule.next(after: fireTime), next.dueMinute(job) < end else { break }
                due[next.dueMinute(job), default: 0] += 1
                fireTime = next
                guard number < mostOfOneJob else {
                    end = next.dueMinute(job)
                    break
                }
            }
        }
        guard let (minute, waiting) = peak(of: due, before: end, perMinute: perMinute), waiting > perMinute
        else { return nil }
        return Herd(
            project: lane.project, ref: lane.ref, minute: Instant(seconds: minute * 60), waiting: waiting,
            wait: .seconds(60 * ((waiting - 1) / perMinute)),
            jobs: jobs.filter { $0.isDue(inMinute: minute) }.map(\.name).sorted())
    }

    /// The minute in which the most runs wait. Runs beyond the limit of a minute wait for the next one.
    private static func peak(
        of due: [Int64: Int], before end: Int64, perMinute: Int
    ) -> (minute: Int64, waiting: Int)? {
        var waiting = 0
        var last = end
        var peak: (minute: Int64, waiting: Int)?
        for (minute, count) in due.sorted(by: { $0.key < $1.key }) where minute < end {
            waiting = max(0, waiting - Int(max(0, minute - last)) * perMinute) + count
            last = minute
            if waiting > peak?.waiting ?? 0 { peak = (minute, waiting) }
        }
        return peak
    }
}

extension Instant {
    /// The minute since 1970 in which a fire time of the job falls due.
    fileprivate func dueMinute(_ job: Job) -> Int64 { advanced(by: job.delay).seconds / 60 }
}

extension Job {
    fileprivate func isDue(inMinute minute: Int64) -> Bool {
        let before = Instant(seconds: minute * 60 - 1).advanced(by: .zero - delay)
        return self.schedule.next(after: before).map { $0.dueMinute(self) == minute } ?? false
    }
}
