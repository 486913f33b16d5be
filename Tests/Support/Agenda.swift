/// What is going to happen, in the order of time; equal times keep the order in which they were added. Times are
/// microseconds since 1970.
public struct Agenda<Value> {
    fileprivate struct Entry {
        let at: Int64
        let order: Int
        let value: Value

        func isBefore(_ other: Entry) -> Bool { (at, order) < (other.at, other.order) }
    }

    /// A binary heap: each entry is before both entries at twice its place, plus one and plus two.
    private var heap: [Entry] = []
    private var added = 0

    public init() {}

    public var nextAt: Int64? { heap.first?.at }

    public mutating func add(_ value: Value, at time: Int64) {
        heap.append(Entry(at: time, order: added, value: value))
        added += 1
        var child = heap.count - 1
        while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes out what happens first, if that is at `time` or before.
    public mutating func removeFirst(dueBy time: Int64) -> (at: Int64, value: Value)? {
        guard let first = heap.first, first.at <= time, let last = heap.popLast() else { return nil }
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

extension Agenda: Sendable where Value: Sendable {}
extension Agenda.Entry: Sendable where Value: Sendable {}
