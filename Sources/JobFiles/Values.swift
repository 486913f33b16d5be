import CivilTime
import Cron
import Text

/// Reads single values. Each method returns nil after it has reported a problem.
extension JobReader {
    /// Reports what is wrong with a value and returns nil. The message begins with the key.
    mutating func refuse<Value>(_ pair: Pair, _ complaint: String, hint: String? = nil) -> Value? {
        findings.report(at: pair.value.start, "\(pair.key.quoted) \(complaint)", hint: hint)
        return nil
    }

    /// A value that is neither missing nor a list or a map. `hint` says what to try if it is missing.
    mutating func scalar(_ pair: Pair, hint: String = "a value, or no such key") -> Scalar? {
        switch pair.value.content {
        case .scalar(let scalar) where !scalar.isNull: scalar
        case .scalar: refuse(pair, "has no value", hint: hint)
        case .list: refuse(pair, "must be a single value, not a list")
        case .map: refuse(pair, "must be a single value, not a map")
        case .refused: nil
        }
    }

    /// The entries of a value that must be a map. `hint` shows an example.
    mutating func entries(_ pair: Pair, hint: String) -> [Pair] {
        switch pair.value.content {
        case .map(let entries): return entries
        case .scalar(let scalar) where scalar.isNull: _ = self.scalar(pair)
        case .scalar, .list: findings.report(at: pair.value.start, "'\(pair.key)' must be a map", hint: hint)
        case .refused: break
        }
        return []
    }

    /// As `scalar`, with a hint for variables and inputs: there the text may be empty, and a word such as `null` may be
    /// meant.
    mutating func anyText(_ pair: Pair) -> Scalar? {
        guard case .scalar(let scalar) = pair.value.content, !scalar.text.isEmpty else {
            return self.scalar(pair, hint: "'' for an empty text")
        }
        return self.scalar(pair, hint: "'' for an empty text, \(scalar.text.quoted) for the word")
    }

    /// Text within `1...limit` characters, without control characters.
    mutating func text(_ pair: Pair, limit: Int, allowing allowed: Set<Unicode.Scalar> = []) -> Scalar? {
        guard let scalar = scalar(pair) else { return nil }
        let scalars = scalar.text.unicodeScalars
        guard !scalars.isEmpty else { return refuse(pair, "is empty") }
        guard scalars.count <= limit else {
            return refuse(pair, "has \(scalars.count) characters, at most \(limit) are allowed")
        }
        return hasOnly(scalar, of: pair) { $0.isPrintable || allowed.contains($0) } ? scalar : nil
    }

    /// Whether all characters of a value are good. Reports the first other one at its position.
    mutating func hasOnly(
        _ scalar: Scalar, of pair: Pair, hint: String? = nil, _ isGood: (Unicode.Scalar) -> Bool
    ) -> Bool {
        guard let bad = scalar.text.unicodeScalars.enumerated().first(where: { !isGood($0.element) }) else {
            return true
        }
        let isHidden = !bad.element.isPrintable || bad.element.properties.isWhitespace
        let name = isHidden ? Int(bad.element.value).codePoint : String(bad.element).quoted
        report(
            "\(pair.key.quoted) must not contain \(name)", hint: hint, at: bad.offset + 1, of: pair,
            in: scalar)
        return false
    }

    mutating func integer(_ pair: Pair, in range: ClosedRange<Int>) -> Int? {
        guard let text = scalar(pair)?.text else { return nil }
        guard text.isDigits, let number = Int(text), range.contains(number) else {
            let bounds = "\(range.lowerBound) to \(range.upperBound)"
            return refuse(pair, "is \(text.quoted), a whole number from \(bounds) is needed")
        }
        return number
    }

    /// YAML 1.1's booleans in their usual cases, quoted or not.
    mutating func boolean(_ pair: Pair) -> Bool? {
        guard let text = scalar(pair)?.text else { return nil }
        switch text {
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": return true
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": return false
        default: return refuse(pair, "is \(text.quoted), not a boolean", hint: "true or false")
        }
    }

    /// One of the words of a setting.
    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(_ pair: Pair) -> Choice? {
        guard let text = scalar(pair)?.text else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let words = Choice.allCases.map(\.rawValue)
        return refuse(
            pair, "is \(text.quoted), allowed are \(words.joined(separator: ", "))",
            hint: text.nearest(among: words))
    }

    mutating func duration(_ pair: Pair, in range: ClosedRange<Duration>) -> Duration? {
        guard let scalar = scalar(pair) else { return nil }
        do throws(DurationError) {
            let duration = try Duration(text: scalar.text)
            guard !range.contains(duration) else { return duration }
            let bounds = "\(range.lowerBound.text) to \(range.upperBound.text)"
            return refuse(pair, "is \(scalar.text.quoted), allowed is \(bounds)")
        } catch {
            report(error.message, hint: error.hint, at: error.column, of: pair, in: scalar)
            return nil
        }
    }

    mutating func expression(_ pair: Pair) -> CronExpression? {
        guard let scalar = scalar(pair) else { return nil }
        do throws(CronError) {
            return try expressions.expression(scalar.text)
        } catch {
            let field = error.field.map { "\($0) field: " } ?? ""
            report(field + error.message, hint: error.hint, at: error.column, of: pair, in: scalar)
            return nil
        }
    }

    /// Reports what is wrong inside a value, at the character's position.
    mutating func report(
        _ message: String, hint: String?, at column: Int, of pair: Pair, in scalar: Scalar,
        severity: Problem.Severity = .error
    ) {
        let place = findings.source.position(ofCharacter: column - 1, in: scalar, at: pair.value.start)
        findings.report(at: place, message, hint: hint, severity: severity)
    }

    mutating func zone(_ pair: Pair) -> Zone? {
        guard let text = scalar(pair)?.text else { return nil }
        do throws(ZoneError) {
            return try zones.zone(named: text)
        } catch {
            findings.report(at: pair.value.start, error.message, hint: error.hint)
            return nil
        }
    }
}

extension Int {
    /// The number of a character as Unicode writes it: `U+0007`.
    var codePoint: String {
        let digits = String(self, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: Swift.max(0, 4 - digits.count)) + digits
    }
}
