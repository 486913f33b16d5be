/// What waits, first in, first out. Letting go of the first one leaves the rest where it is: with thousands waiting,
/// that is what an array spends its time on.
struct Queue<Element: Sendable>: Sendable, ExpressibleByArrayLiteral {
    private var elements: [Element]
    /// Everything before this index has been let go.
    private var head = 0

    init(arrayLiteral elements: Element...) {
        self.elements = elements
    }

    mutating func append(contentsOf others: some Sequence<Element>) {
        elements.append(contentsOf: others)
    }

    /// Takes out the first one.
    mutating func next() -> Element? {
        guard head < elements.count else { return nil }
        defer { letGo() }
        return elements[head]
    }

    private mutating func letGo() {
        head += 1
        guard head == elements.count || head > 1_000 else { return }
        elements.removeFirst(head)
        head = 0
    }
}
