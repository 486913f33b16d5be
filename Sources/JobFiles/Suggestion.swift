import Text

/// The known word that the author of an unknown one may have meant.
extension String {
    /// The candidate nearest to this word, letter case aside; nil when none is near enough to be meant.
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
