import Cron
import Scheduling

/// The coming fire times of several jobs in order of time, then of name: a heap holds the next one of each job.
struct ComingFireTimes: Sequence, IteratorProtocol {
    struct Element {
        var job: Job
        var fireTime: Instant

        fileprivate func comes(before other: Element) -> Bool {
            (fireTime, job.name) < (other.fireTime, other.job.name)
        }
    }

    private var heap: [Element]

    /// Those strictly later than `after`.
    init(of jobs: [Job], after: Instant) {
        heap = jobs.compactMap { job in
            job.schedule.next(after: after).map { Element(job: job, fireTime: $0) }
        }
        for index in heap.indices.reversed() { sink(index) }
    }

    mutating func next() -> Element? {
        guard let first = heap.first, let last = heap.last else { return nil }
        if let following = first.job.schedule.next(after: first.fireTime) {
            heap[0].fireTime = following
        } else {
            heap[0] = last
            heap.removeLast()
        }
        sink(0)
        return first
    }

    private mutating func sink(_ start: Int) {
        var parent = start
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].comes(before: heap[least]) {
                least = child
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
