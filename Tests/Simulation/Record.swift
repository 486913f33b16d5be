import CivilTime

/// What happened in a simulation, for its invariants and for the report.
struct Record: Sendable {
    /// Descriptions of what must not happen, but did.
    var problems: [String] = []
    /// Points at which the simulation could kill a process, before the quiet end.
    var touches = 0
    var crashes: [Simulation.Touch: Int] = [:]
    var requests = 0
    var posts = 0
    var commits = 0
    var faults = 0
    var lives = 0
    var handovers = 0
    var twins = 0
    /// When another scheduler of the same jobs was running.
    var rivals: [(begin: Instant, end: Instant)] = []
    /// Run ids that no scheduler gave.
    var forged: Set<String> = []
    /// How often the project moved, and when a new token replaced the old one.
    var moves = 0
    /// When the project's settings changed how it takes marks.
    var markChanges: [Instant] = []
    var tokensRemadeAt: [Instant] = []
    /// When the first POST of each run left, and when the POST left that created each pipeline at once.
    var firstPost: [String: Instant] = [:]
    var sentAt: [Int64: Instant] = [:]
    /// Pipelines that GitLab created after the connection was cut.
    var belated: Set<Int64> = []
    var span = Duration.zero
    /// In the last ledger: skips that share rows, and these rows. Also skips that turned out to have a pipeline.
    var sharedSkips = 0
    var sharedRows = 0
    var correctedSkips = 0
    /// The time from due to the pipeline, for each run with a fire time around a handover.
    var lateness: [Duration] = []
    /// What channels were told.
    var messages = 0
}

extension Record {
    /// Whether two schedulers may have decided the fire time, or watched its pipeline.
    func hadRival(at fireTime: Instant) -> Bool {
        rivals.contains {
            $0.begin.advanced(by: .seconds(-120)) <= fireTime
                && fireTime <= $0.end.advanced(by: .seconds(180))
        }
    }
}

/// The sum of many simulations.
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
        sum.messages += record.messages
    }

    var crashes: Int { sum.crashes.values.reduce(0, +) }

    var description: String {
        "\(worlds) worlds of \(sum.span.components.seconds / 86_400) days in all: \(sum.lives) lives, "
            + "\(crashes) crashes, \(sum.handovers) handovers, \(sum.commits) commits, "
            + "\(sum.requests) requests, \(sum.posts) of them POSTs, \(sum.faults) faults, \(sum.twins) twins, \(sum.messages) messages"
    }
}
