/// What somebody may have meant by a word that is not known.
extension String {
    /// The candidate nearest to this word, letter case aside; nil when none is near enough to be meant.
    public func nearest(among candidates: some Sequence<String>) -> String? {
        let letters = Array(lowercased().unicodeScalars.prefix(64))
        var best: (word: String, distance: Int)?
        for candidate in candidates {
            let found = editDistance(letters, Array(candidate.lowercased().unicodeScalars))
            let bound = max(1, candidate.unicodeScalars.count / 3)
            guard found <= min(bound, 3), found < best?.distance ?? .max else { continue }
            best = (candidate, found)
        }
        return best?.word
    }
}

/// How many letters have to be added, removed, replaced or swapped with their neighbour.
private func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for (row, letter) in left.enumerated() {
        var current = [row + 1]
        for (column, other) in right.enumerated() {
            let replaced = last[column] + (letter == other ? 0 : 1)
            let isSwap = row > 0 && column > 0 && letter == right[column - 1] && left[row - 1] == other
            let swapped = isSwap ? beforeLast[column - 1] + 1 : replaced
            current.append(min(replaced, swapped, last[column + 1] + 1, current[column] + 1))
        }
        (beforeLast, last) = (last, current)
    }
    return last[right.count]
}
