import HeapModule

/// Coming events in order of time. Events at the same time keep the order in which they were added. Times are
/// microseconds since 1970.
public struct Agenda<Value> {
    fileprivate struct Entry: Comparable {
        let at: Int64
        let order: Int
        let value: Value

        static func < (left: Entry, right: Entry) -> Bool { (left.at, left.order) < (right.at, right.order) }
        static func == (left: Entry, right: Entry) -> Bool { left.order == right.order }
    }

    private var heap: Heap<Entry> = []
    private var added = 0

    public init() {}

    public var nextAt: Int64? { heap.min?.at }

    public mutating func add(_ value: Value, at time: Int64) {
        heap.insert(Entry(at: time, order: added, value: value))
        added += 1
    }

    /// Takes out the first event, if it is at `time` or before.
    public mutating func removeFirst(dueBy time: Int64) -> (at: Int64, value: Value)? {
        guard let next = nextAt, next <= time else { return nil }
        return heap.popMin().map { ($0.at, $0.value) }
    }
}

extension Agenda: Sendable where Value: Sendable {}
extension Agenda.Entry: Sendable where Value: Sendable {}
