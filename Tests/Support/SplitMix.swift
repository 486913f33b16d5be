/// Random numbers that a seed reproduces on every machine. The generator is Sebastiano Vigna's; its whole state is one
/// number.
public struct SplitMix: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension SplitMix {
    /// Changes, removes, doubles or inserts one to four bytes.
    public mutating func mutated(_ original: [UInt8]) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...4, using: &self) {
            let index = Int.random(in: 0...max(bytes.count - 1, 0), using: &self)
            let other = original.randomElement(using: &self) ?? 0
            switch Int.random(in: 0..<5, using: &self) {
            case 0 where !bytes.isEmpty: bytes.remove(at: index)
            case 1: bytes.insert(other, at: min(index, bytes.count))
            case 2 where !bytes.isEmpty: bytes[index] = other
            case 3 where !bytes.isEmpty: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            default: bytes.insert(UInt8.random(in: 0...255, using: &self), at: min(index, bytes.count))
            }
        }
        return bytes
    }
}
