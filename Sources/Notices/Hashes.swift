/// SHA-1, SHA-256 (FIPS 180-4) and HMAC (RFC 2104), for ids and signatures of a few short messages.
///
/// swift-crypto would bring a second BoringSSL into the binary for these three functions. SHA-1 only makes
/// names here.
enum Hashes {
    static func sha1(_ message: [UInt8]) -> [UInt8] {
        var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
        for block in blocks(of: message) {
            var words = block
            for index in 16..<80 {
                let mixed = words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16]
                words.append(mixed.rotated(right: 31))
            }
            var work = state
            for (index, word) in words.enumerated() {
                let (mixed, constant) = sha1Mix(work, round: index)
                let first = work[0].rotated(right: 27) &+ mixed &+ work[4] &+ constant &+ word
                work = [first, work[0], work[1].rotated(right: 2), work[2], work[3]]
            }
            state = zip(state, work).map { $0 &+ $1 }
        }
        return state.flatMap(\.bigEndianBytes)
    }

    private static func sha1Mix(_ work: [UInt32], round: Int) -> (mixed: UInt32, constant: UInt32) {
        let (b, c, d) = (work[1], work[2], work[3])
        switch round {
        case ..<20: return (b & c | ~b & d, 0x5A82_7999)
        case ..<40: return (b ^ c ^ d, 0x6ED9_EBA1)
        case ..<60: return (b & c | b & d | c & d, 0x8F1B_BCDC)
        default: return (b ^ c ^ d, 0xCA62_C1D6)
        }
    }

    static func sha256(_ message: [UInt8]) -> [UInt8] {
        var state: [UInt32] = [
            0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB,
            0x5BE0_CD19,
        ]
        for block in blocks(of: message) {
            var words = block
            for index in 16..<64 {
                let (early, late) = (words[index - 15], words[index - 2])
                let low = early.rotated(right: 7) ^ early.rotated(right: 18) ^ early >> 3
                let high = late.rotated(right: 17) ^ late.rotated(right: 19) ^ late >> 10
                words.append(words[index - 16] &+ low &+ words[index - 7] &+ high)
            }
            var work = state
            for (word, constant) in zip(words, sha256Constants) { sha256Round(&work, word &+ constant) }
            state = zip(state, work).map { $0 &+ $1 }
        }
        return state.flatMap(\.bigEndianBytes)
    }

    private static func sha256Round(_ work: inout [UInt32], _ input: UInt32) {
        let (a, e) = (work[0], work[4])
        let chosen = e & work[5] ^ ~e & work[6]
        let highMix = e.rotated(right: 6) ^ e.rotated(right: 11) ^ e.rotated(right: 25)
        let sum = work[7] &+ highMix &+ chosen &+ input
        let majority = a & work[1] ^ a & work[2] ^ work[1] & work[2]
        let lowMix = a.rotated(right: 2) ^ a.rotated(right: 13) ^ a.rotated(right: 22)
        work = [
            sum &+ lowMix &+ majority, a, work[1], work[2], work[3] &+ sum, e, work[5], work[6],
        ]
    }

    static func hmacSHA256(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        var key = key.count > blockSize ? sha256(key) : key
        key += Array(repeating: 0, count: blockSize - key.count)
        let inner = sha256(key.map { $0 ^ 0x36 } + message)
        return sha256(key.map { $0 ^ 0x5C } + inner)
    }

    private static let blockSize = 64

    /// The message with its padding, as sixteen words a block.
    private static func blocks(of message: [UInt8]) -> [[UInt32]] {
        let length = UInt64(message.count) &* 8
        var bytes = message + [0x80]
        let rest = (bytes.count + 8) % blockSize
        if rest > 0 { bytes += Array(repeating: 0, count: blockSize - rest) }
        bytes += UInt32(truncatingIfNeeded: length >> 32).bigEndianBytes
        bytes += UInt32(truncatingIfNeeded: length).bigEndianBytes
        return stride(from: 0, to: bytes.count, by: blockSize).map { start in
            stride(from: start, to: start + blockSize, by: 4).map { position in
                bytes[position..<position + 4].reduce(0) { $0 << 8 | UInt32($1) }
            }
        }
    }

    private static let sha256Constants: [UInt32] = [
        0x428A_2F98, 0x7137_4491, 0xB5C0_FBCF, 0xE9B5_DBA5, 0x3956_C25B, 0x59F1_11F1, 0x923F_82A4,
        0xAB1C_5ED5, 0xD807_AA98, 0x1283_5B01, 0x2431_85BE, 0x550C_7DC3, 0x72BE_5D74, 0x80DE_B1FE,
        0x9BDC_06A7, 0xC19B_F174, 0xE49B_69C1, 0xEFBE_4786, 0x0FC1_9DC6, 0x240C_A1CC, 0x2DE9_2C6F,
        0x4A74_84AA, 0x5CB0_A9DC, 0x76F9_88DA, 0x983E_5152, 0xA831_C66D, 0xB003_27C8, 0xBF59_7FC7,
        0xC6E0_0BF3, 0xD5A7_9147, 0x06CA_6351, 0x1429_2967, 0x27B7_0A85, 0x2E1B_2138, 0x4D2C_6DFC,
        0x5338_0D13, 0x650A_7354, 0x766A_0ABB, 0x81C2_C92E, 0x9272_2C85, 0xA2BF_E8A1, 0xA81A_664B,
        0xC24B_8B70, 0xC76C_51A3, 0xD192_E819, 0xD699_0624, 0xF40E_3585, 0x106A_A070, 0x19A4_C116,
        0x1E37_6C08, 0x2748_774C, 0x34B0_BCB5, 0x391C_0CB3, 0x4ED8_AA4A, 0x5B9C_CA4F, 0x682E_6FF3,
        0x748F_82EE, 0x78A5_636F, 0x84C8_7814, 0x8CC7_0208, 0x90BE_FFFA, 0xA450_6CEB, 0xBEF9_A3F7,
        0xC671_78F2,
    ]
}

extension UInt32 {
    fileprivate func rotated(right count: UInt32) -> UInt32 { self >> count | self << (32 - count) }

    fileprivate var bigEndianBytes: [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: self >> UInt32($0)) }
    }
}
