import CivilTime

/// How often a length of time fell into each bucket, for Prometheus.
struct Histogram: Sendable {
    /// The upper bounds of the buckets, which include them. What is longer is counted in `count` alone.
    let bounds: [Duration]
    /// How many lengths are in each bucket, and in no earlier one.
    private(set) var counts: [Int]
    private(set) var count = 0
    private(set) var sum = Duration.zero

    /// 50 ms is what a good GitLab takes at best; an hour is an outage.
    static let lateness = Histogram([
        .milliseconds(50), .milliseconds(100), .milliseconds(250), .milliseconds(500), .seconds(1),
        .milliseconds(2_500), .seconds(5), .seconds(10), .seconds(30), .seconds(60), .seconds(300),
        .seconds(900), .seconds(3_600),
    ])

    /// From a pipeline with one short job to the longest that GitLab.com's runners allow and more.
    static let runDuration = Histogram(
        [10, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400].map {
            .seconds($0)
        })

    private init(_ bounds: [Duration]) {
        self.bounds = bounds
        counts = bounds.map { _ in 0 }
    }

    mutating func note(_ length: Duration) {
        // A clock that was set back makes lengths below zero, and a sum that sinks would look like a new process.
        let length = max(length, .zero)
        count += 1
        sum += min(length, Self.longest)
        if let place = bounds.firstIndex(where: { length <= $0 }) { counts[place] += 1 }
    }

    /// A length that a wrong clock made must not fill the sum.
    private static let longest = Duration.seconds(366 * 86_400)
}
