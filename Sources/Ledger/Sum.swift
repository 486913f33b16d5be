/// A checksum of a row's values, kept in the row.
///
/// SQLite checks whether a file is well-formed, but not whether a number in it is the one that was written. One flipped
/// bit could move a covered-through mark by years, and the job would silently stop. Ledgers hold these sums, so their
/// algorithm must never change.
struct Sum {
    /// The largest prime below 2³⁰. SQL adds values to a sum modulo this number. So a change of any single bit
    /// shows, and the sum stays within four bytes.
    static let modulus: Int64 = 1_073_741_789

    /// What `SQL.plus` adds for a value.
    static func addend(_ value: Int64?) -> Int64 { value.map { $0 % modulus } ?? 1 }

    private var state: UInt64 = 0x4F52_4348

    /// 30 bits.
    var value: Int64 { Int64(state >> 34) }

    mutating func add(_ value: Int64?) {
        guard let value else { return mix(0x5851_F42D_4C95_7F2D) }
        mix(UInt64(bitPattern: value))
    }

    mutating func add(_ text: String?) {
        guard let text else { return add(Int64?.none) }
        add(text.utf8)
    }

    mutating func add(_ text: some Collection<UInt8>) {
        for byte in text { mix(UInt64(byte)) }
        mix(UInt64(text.count))
    }

    private mutating func mix(_ word: UInt64) {
        state = (state ^ word) &* 0x9E37_79B9_7F4A_7C15
        state ^= state >> 32
    }
}

extension Row {
    /// Throws if the checksum in a column differs from this one.
    func require(_ sum: Int64, in column: Int32) throws(LedgerError) {
        guard try integer(column) == sum else { throw damage(column, "does not fit its row") }
    }
}
