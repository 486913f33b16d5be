/// How long to wait before the next try: doubling, bounded, and spread by a hash, so that many
/// instances and jobs that failed together do not come back together.
enum Backoff {
    /// `failures` counts from 1. The wait lies between 75 % and 125 % of `first` × 2^(failures − 1), at most `most`.
    static func delay(
        afterFailures failures: Int, first: Duration, most: Duration, spreadBy key: String
    ) -> Duration {
        let doublings = min(max(failures - 1, 0), 20)
        let plain = min(first * (1 << doublings), most)
        let percent = 75 + Int(stableHash("\(key) \(failures)") % 51)
        return plain * percent / 100
    }

    /// The wait after `failures` requests in a row without an answer: it grows, and is at least as long as GitLab asked
    /// for.
    static func outage(_ failures: Int, _ trouble: Trouble? = nil, of key: String) -> Duration {
        let delay = delay(afterFailures: failures, first: .seconds(1), most: .seconds(60), spreadBy: key)
        return max(delay, trouble?.retryAfter ?? .zero)
    }
}
