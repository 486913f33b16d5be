import CivilTime
import Scheduling

/// The coming fire times of several jobs in order of time, then of name: a heap holds the next one of each job.
struct ComingFireTimes: Sequence, IteratorProtocol {
    /// A year of some hundred jobs has hundreds of thousands of these, so it names its job by its place in `jobs`.
    struct Element {
        let job: Int
        fileprivate(set) var fireTime: Instant

        fileprivate func comes(before other: Element) -> Bool {
            (fireTime, job) < (other.fireTime, other.job)
        }
    }

    /// In order of name.
    let jobs: [Job]
    private var heap: [Element]

    /// Those strictly later than `after`.
    init(of jobs: [Job], after: Instant) {
        self.jobs = jobs.sorted { $0.name < $1.name }
        heap = self.jobs.indices.compactMap { [jobs = self.jobs] index in
            jobs[index].schedule.next(after: after).map { Element(job: index, fireTime: $0) }
        }
        for index in heap.indices.reversed() { sink(index) }
    }

    mutating func next() -> Element? {
        guard let first = heap.first, let last = heap.last else { return nil }
        if let following = jobs[first.job].schedule.next(after: first.fireTime) {
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
            for child in 2 * parent + 1...2 * parent + 2
            where child < heap.count && heap[child].comes(before: heap[least]) {
                least = child
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
