/// The data block of a zone file, unchanged.
struct ZoneBlock {
    var times: [Int] = []
    var typeOfTime: [Int] = []
    var offsets: [Int] = []
    var leaps: [Leap] = []
}

/// A leap-second record: from `time` on, the file's times are `correction` seconds ahead of UTC.
struct Leap {
    let time: Int
    let correction: Int
}

extension ZoneRules {
    /// The rules of a data block and of the footer, which covers the time after the block.
    convenience init(_ block: ZoneBlock, footer: ZoneFooter?) throws(ZoneFileError) {
        var transitions: [Int] = []
        // Before the first transition the first type applies (RFC 9636, section 3.2).
        var offsets: [Int32] = block.offsets.prefix(1).map(Int32.init)
        var lastTime = ZoneRules.earliest
        for (time, type) in zip(try block.timesWithoutLeaps(), block.typeOfTime) where time < ZoneRules.latest
        {
            let offset = Int32(block.offsets[type])
            if time <= ZoneRules.earliest {
                offsets = [offset]
            } else if offset != offsets.last {
                transitions.append(time)
                offsets.append(offset)
            }
            lastTime = max(time, lastTime)
        }
        // The footer applies from the last transition on, even if that one changes only a name. In a block without
        // transitions the footer applies to all time.
        var tail: TailRule?
        let offsetAtEnd = offsets.last ?? 0
        if footer != nil, footer != .fixed(offset: Int(offsetAtEnd)) {
            if transitions.last ?? ZoneRules.earliest < lastTime {
                transitions.append(lastTime)
                offsets.append(offsetAtEnd)
            }
            if case .fixed(let offset) = footer { offsets[offsets.count - 1] = Int32(offset) }
            if case .changing(let rule) = footer { tail = rule }
        }
        self.init(transitions: transitions, offsets: offsets, tail: tail)
    }
}

extension Array {
    /// Whether `precedes` holds for each element and the next one. `zip` would make its type at run time, which takes
    /// longer in a short process than reading the file.
    fileprivate func isInOrder(by precedes: (Element, Element) -> Bool) -> Bool {
        indices.dropFirst().allSatisfy { precedes(self[$0 - 1], self[$0]) }
    }
}

extension ZoneBlock {
    /// The transition times in POSIX seconds. Files of the `right/` kind count leap seconds.
    fileprivate func timesWithoutLeaps() throws(ZoneFileError) -> [Int] {
        guard times.isInOrder(by: <) else {
            throw ZoneFileError(reason: "its transitions are out of order")
        }
        guard leaps.isInOrder(by: { $0.time < $1.time }),
            leaps.allSatisfy({ (-86_400...86_400).contains($0.correction) })
        else { throw ZoneFileError(reason: "its leap seconds are out of order or out of range") }

        var passed = 0
        var result: [Int] = []
        for time in times {
            while passed < leaps.count, leaps[passed].time <= time { passed += 1 }
            let bounded = min(max(time, ZoneRules.earliest), ZoneRules.latest)
            result.append(bounded - (passed > 0 ? leaps[passed - 1].correction : 0))
        }
        guard result.isInOrder(by: <=) else {
            throw ZoneFileError(reason: "its leap seconds put its transitions out of order")
        }
        return result
    }
}
