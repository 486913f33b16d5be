import CivilTime
import HeapModule
import Scheduling

/// The coming fire times of several jobs in order of time, then of name. A heap holds the next one of each job.
struct ComingFireTimes: Sequence, IteratorProtocol {
    /// Names the job by its index in `jobs`, because a year of some hundred jobs has hundreds of thousands of elements.
    struct Element: Comparable {
        let job: Int
        let fireTime: Instant

        static func < (left: Element, right: Element) -> Bool {
            (left.fireTime, left.job) < (right.fireTime, right.job)
        }
    }

    /// In order of name.
    let jobs: [Job]
    private var heap: Heap<Element>

    /// The fire times strictly later than `after`.
    init(of jobs: [Job], after: Instant) {
        let jobs = jobs.sorted { $0.name < $1.name }
        self.jobs = jobs
        heap = Heap(
            jobs.indices.compactMap { index in
                jobs[index].schedule.next(after: after).map { Element(job: index, fireTime: $0) }
            })
    }

    mutating func next() -> Element? {
        guard let first = heap.min else { return nil }
        if let following = jobs[first.job].schedule.next(after: first.fireTime) {
            heap.replaceMin(with: Element(job: first.job, fireTime: following))
        } else {
            heap.removeMin()
        }
        return first
    }
}
