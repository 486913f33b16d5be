/// What will happen by itself, in order of time; equal times keep the order in which they were planned.
struct Timeline: Sendable {
    enum Event: Sendable {
        /// A job comes to a status, unless it has changed since (see `FakeJob.generation`).
        case job(id: Int64, generation: Int, status: FakeStatus)
        /// A request whose answer has gone out long ago takes effect: see `FakeFault.Effect.late`.
        case request(FakeRequest)
    }

    struct Entry: Sendable {
        let at: Int64
        let order: Int
        let event: Event

        func isBefore(_ other: Entry) -> Bool { (at, order) < (other.at, other.order) }
    }

    /// A binary heap: each entry is before both entries at twice its place, plus one and plus two.
    private var heap: [Entry] = []
    private var planned = 0

    var nextAt: Int64? { heap.first?.at }

    mutating func plan(_ event: Event, at time: Int64) {
        heap.append(Entry(at: time, order: planned, event: event))
        planned += 1
        var child = heap.count - 1
        while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes out the first entry, if it is due at `time`.
    mutating func popDue(at time: Int64) -> Entry? {
        guard let first = heap.first, first.at <= time else { return nil }
        let last = heap.removeLast()
        guard !heap.isEmpty else { return first }
        heap[0] = last
        sink()
        return first
    }

    private mutating func sink() {
        var parent = 0
        while let child = firstChild(of: parent), heap[child].isBefore(heap[parent]) {
            heap.swapAt(child, parent)
            parent = child
        }
    }

    private func firstChild(of parent: Int) -> Int? {
        let (left, right) = (2 * parent + 1, 2 * parent + 2)
        guard left < heap.count else { return nil }
        return right < heap.count && heap[right].isBefore(heap[left]) ? right : left
    }
}
