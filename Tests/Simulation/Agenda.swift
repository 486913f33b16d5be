import Cron

/// What is going to happen, in the order of time; equal times keep the order in which they were added.
struct Agenda<Value> {
    private struct Entry {
        let at: Instant
        let order: Int
        let value: Value

        func isBefore(_ other: Entry) -> Bool { (at, order) < (other.at, other.order) }
    }

    /// A binary heap: each entry is before both entries at twice its place, plus one and plus two.
    private var heap: [Entry] = []
    private var added = 0

    var nextAt: Instant? { heap.first?.at }

    mutating func add(_ value: Value, at instant: Instant) {
        heap.append(Entry(at: instant, order: added, value: value))
        added += 1
        var child = heap.count - 1
        while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func removeFirst() -> (at: Instant, value: Value)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return (first.at, first.value) }
        heap[0] = last
        var parent = 0
        while let child = firstChild(of: parent), heap[child].isBefore(heap[parent]) {
            heap.swapAt(child, parent)
            parent = child
        }
        return (first.at, first.value)
    }

    private func firstChild(of parent: Int) -> Int? {
        let (left, right) = (2 * parent + 1, 2 * parent + 2)
        guard left < heap.count else { return nil }
        return right < heap.count && heap[right].isBefore(heap[left]) ? right : left
    }
}
