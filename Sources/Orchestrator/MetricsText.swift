import CivilTime

/// Writes Prometheus' text format, version 0.0.4. It writes no time stamps: node_exporter refuses them in files.
struct MetricsText {
    private(set) var bytes: [UInt8] = []

    mutating func head(_ name: String, _ type: String, _ help: String) {
        bytes += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n".utf8
    }

    mutating func gauge(_ name: String, _ help: String, _ value: String) {
        head(name, "gauge", help)
        sample(name, [], value)
    }

    mutating func sample(_ name: String, _ labels: [[UInt8]], _ value: Int) {
        sample(name, labels, String(value))
    }

    mutating func sample(_ name: String, _ labels: [[UInt8]], _ value: String) {
        bytes += name.utf8
        for (place, label) in labels.enumerated() {
            bytes.append(UInt8(ascii: place == 0 ? "{" : ","))
            bytes += label
        }
        if !labels.isEmpty { bytes.append(UInt8(ascii: "}")) }
        bytes.append(UInt8(ascii: " "))
        bytes += value.utf8
        bytes.append(UInt8(ascii: "\n"))
    }

    /// The buckets count from below: each has all that the one before it has.
    mutating func histogram(_ name: String, _ help: String, _ histogram: Histogram) {
        head(name, "histogram", help)
        var total = 0
        for (bound, count) in zip(histogram.bounds, histogram.counts) {
            total += count
            sample("\(name)_bucket", [Self.label("le", Self.seconds(bound))], total)
        }
        sample("\(name)_bucket", [Self.label("le", "+Inf")], histogram.count)
        sample("\(name)_sum", [], Self.seconds(histogram.sum))
        sample("\(name)_count", [], histogram.count)
    }

    /// `name="value"`.
    static func label(_ name: String, _ value: String) -> [UInt8] {
        var bytes = Array("\(name)=\"".utf8)
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\\"), UInt8(ascii: "\""): bytes += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): bytes += "\\n".utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
        return bytes
    }

    /// Seconds, with as many decimals as there are microseconds: `0.05`, `1795464900`.
    static func seconds(_ duration: Duration) -> String {
        let microseconds = duration.inMicroseconds
        let whole = String(microseconds.magnitude / 1_000_000)
        var decimals = Substring(String(microseconds.magnitude % 1_000_000 + 1_000_000).dropFirst())
        while decimals.last == "0" { decimals.removeLast() }
        return (microseconds < 0 ? "-" : "") + whole + (decimals.isEmpty ? "" : ".\(decimals)")
    }
}
