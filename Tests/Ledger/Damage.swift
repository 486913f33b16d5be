import TestSupport

/// A kind of damage to a file of 4 KiB pages.
enum Damage: String, CaseIterable {
    case cutAnywhere, cutAtAPage, oneBit, someBits, aBitOfTheHeader, aBadHeader, aBadStretch
    case anEmptyStretch, anEmptyPage, twoPagesSwapped, aPageTwice, anOldPage, moreAtTheEnd

    /// `older`: the same file at an earlier time.
    func apply(to bytes: inout [UInt8], older: [UInt8], _ random: inout SplitMix) {
        switch self {
        case .cutAnywhere: bytes.removeLast(.random(in: 1...bytes.count, using: &random))
        case .cutAtAPage:
            let length = bytes.page(&random).lowerBound + .random(in: -1...1, using: &random)
            bytes.removeLast(bytes.count - max(0, length))
        case .oneBit: bytes.flip(in: bytes.indices, &random)
        case .someBits:
            for _ in 0..<Int.random(in: 2...8, using: &random) { bytes.flip(in: bytes.indices, &random) }
        case .aBitOfTheHeader: bytes.flip(in: 0..<100, &random)
        case .aBadHeader: bytes.scramble(0..<([4, 16, 100, 600].randomElement(using: &random) ?? 4), &random)
        case .aBadStretch: bytes.scramble(bytes.stretch(&random), &random)
        case .anEmptyStretch: bytes.clear(bytes.stretch(&random))
        case .anEmptyPage: bytes.clear(bytes.page(&random))
        case .twoPagesSwapped:
            let (one, other) = (bytes.page(&random), bytes.page(&random))
            let kept = bytes[one]
            bytes.replaceSubrange(one, with: bytes[other])
            bytes.replaceSubrange(other, with: kept)
        case .aPageTwice: bytes.replaceSubrange(bytes.page(&random), with: bytes[bytes.page(&random)])
        case .anOldPage:
            let page = older.page(&random)
            bytes.replaceSubrange(page, with: older[page])
        case .moreAtTheEnd: bytes += (0..<Int.random(in: 1...9_000, using: &random)).map { UInt8($0 & 0xff) }
        }
    }
}

extension [UInt8] {
    fileprivate func page(_ random: inout SplitMix) -> Range<Int> {
        let start = 4_096 * Int.random(in: 0..<count / 4_096, using: &random)
        return start..<start + 4_096
    }

    fileprivate func stretch(_ random: inout SplitMix) -> Range<Int> {
        let start = Int.random(in: indices, using: &random)
        return start..<Swift.min(count, start + .random(in: 1...600, using: &random))
    }

    fileprivate mutating func flip(in range: Range<Int>, _ random: inout SplitMix) {
        self[.random(in: range, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    }

    fileprivate mutating func scramble(_ range: Range<Int>, _ random: inout SplitMix) {
        for index in range { self[index] = .random(in: 0...255, using: &random) }
    }

    fileprivate mutating func clear(_ range: Range<Int>) {
        for index in range { self[index] = 0 }
    }
}
