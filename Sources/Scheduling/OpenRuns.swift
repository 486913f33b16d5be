/// The open runs by their ids. Each run stays in its place and is read and changed there. A tick looks at a run some
/// twenty times, and a dictionary would copy several hundred bytes each time.
struct OpenRuns: Sendable {
    private var places: [RunID: Int] = [:]
    private var runs: [OpenRun?] = []
    private var free: [Int] = []
    /// The runs that ended last.
    var recent = RecentRuns()

    var count: Int { places.count }
    var isEmpty: Bool { places.isEmpty }
    var keys: [RunID] { Array(places.keys) }
    var values: some Collection<OpenRun> { runs.lazy.compactMap(\.self) }

    subscript(id: RunID) -> OpenRun? {
        _read {
            if let place = places[id] { yield runs[place] } else { yield nil }
        }
        _modify {
            let known = places[id]
            let place = known ?? takePlace()
            defer { settle(id, at: place, isNew: known == nil) }
            yield &runs[place]
        }
    }

    private mutating func takePlace() -> Int {
        if let place = free.popLast() { return place }
        runs.append(nil)
        return runs.endIndex - 1
    }

    private mutating func settle(_ id: RunID, at place: Int, isNew: Bool) {
        switch (isNew, runs[place] == nil) {
        case (true, false): places[id] = place
        case (false, true):
            places[id] = nil
            free.append(place)
        case (true, true): free.append(place)
        case (false, false): break
        }
        guard places.isEmpty else { return }
        runs.removeAll()
        free.removeAll()
    }
}
