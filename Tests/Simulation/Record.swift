import CivilTime

/// What a simulation was like, for its invariants and for the report.
struct Record: Sendable {
    /// What must not have happened.
    var problems: [String] = []
    /// Points at which a process could have been killed, before the quiet end.
    var touches = 0
    var crashes: [Simulation.Touch: Int] = [:]
    var requests = 0
    var posts = 0
    var commits = 0
    var faults = 0
    var lives = 0
    var handovers = 0
    var twins = 0
    /// When there was another scheduler of the same jobs.
    var rivals: [(begin: Instant, end: Instant)] = []
    /// Run ids that nobody of ours gave.
    var forged: Set<String> = []
    /// How often the project was moved, and when new tokens took the place of the old one.
    var moves = 0
    var tokensRemadeAt: [Instant] = []
    /// When the first POST of each run left, and when that left which made a pipeline at once.
    var firstPost: [String: Instant] = [:]
    var sentAt: [Int64: Instant] = [:]
    /// Pipelines that GitLab created after it had cut the connection.
    var belated: Set<Int64> = []
    var span = Duration.zero
    /// Skips in the last ledger that share rows, and the rows; and skips that turned out to have a pipeline.
    var sharedSkips = 0
    var sharedRows = 0
    var correctedSkips = 0
    /// From when it was due to its pipeline, of each run whose fire time lies around a handover.
    var lateness: [Duration] = []
}

extension Record {
    /// Whether two schedulers may have decided about a fire time, or watched the pipeline of one.
    func hadRival(at fireTime: Instant) -> Bool {
        rivals.contains {
            $0.begin.advanced(by: .seconds(-120)) <= fireTime
                && fireTime <= $0.end.advanced(by: .seconds(180))
        }
    }
}

/// What many worlds were like together.
struct Tally: CustomStringConvertible {
    private(set) var worlds = 0
    private(set) var sum = Record()

    mutating func add(_ record: Record) {
        worlds += 1
        count(record)
    }

    mutating func add(_ other: Tally) {
        worlds += other.worlds
        count(other.sum)
    }

    private mutating func count(_ record: Record) {
        sum.touches += record.touches
        sum.crashes.merge(record.crashes, uniquingKeysWith: +)
        sum.requests += record.requests
        sum.posts += record.posts
        sum.commits += record.commits
        sum.faults += record.faults
        sum.lives += record.lives
        sum.handovers += record.handovers
        sum.twins += record.twins
        sum.span += record.span
        sum.sharedSkips += record.sharedSkips
        sum.sharedRows += record.sharedRows
        sum.correctedSkips += record.correctedSkips
        sum.lateness += record.lateness
    }

    var crashes: Int { sum.crashes.values.reduce(0, +) }

    var description: String {
        "\(worlds) worlds of \(sum.span.components.seconds / 86_400) days in all: \(sum.lives) lives, "
            + "\(crashes) crashes, \(sum.handovers) handovers, \(sum.commits) commits, "
            + "\(sum.requests) requests, \(sum.posts) of them POSTs, \(sum.faults) faults, \(sum.twins) twins"
    }
}
