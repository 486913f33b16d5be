import Text

/// Finds the known word that the author of an unknown one may have meant.
extension String {
    /// The candidate most similar to this word, regardless of letter case; nil: none is similar enough.
    public func nearest(among candidates: some Sequence<String>) -> String? {
        let letters = Array(lowercased().utf8.prefix(64))
        var best: (word: String, distance: Int)?
        for candidate in candidates {
            let found = Spelling.distance(letters, Array(candidate.lowercased().utf8))
            let bound = max(1, candidate.unicodeScalars.count / 3)
            guard found <= min(bound, 3), found < best?.distance ?? .max else { continue }
            best = (candidate, found)
        }
        return best?.word
    }
}
