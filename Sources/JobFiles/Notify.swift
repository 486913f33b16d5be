import CivilTime
import Scheduling
import Text

/// Reads `notify` and `ping`. Both name channels: where a channel leads is a secret of the environment.
extension JobReader {
    /// `ops`, `[ops, chat]`, `none`, or a map of what happened to channels.
    mutating func notify(_ pair: Pair, into draft: inout Draft) -> NotifyPolicy? {
        if case .map(let entries) = pair.value.content { return policy(entries, of: pair, into: &draft) }
        guard let found = channels(pair, hint: "notify: ops, or notify: none to tell nobody", into: &draft)
        else { return nil }
        return NotifyPolicy(to: found == [Self.nobody] ? [] : found)
    }

    /// One channel.
    mutating func ping(_ pair: Pair, into draft: inout Draft) -> String? {
        guard let channel = channel(pair, hint: "ping: hc, or no such key") else { return nil }
        guard channel != Self.nobody else {
            return refuse(pair, "is 'none', and a job without this key sends no pings", hint: "no such key")
        }
        draft.channels.append(ChannelUse(channel: channel, isPing: true, place: place(of: pair)))
        return channel
    }

    /// The word that silences a job.
    private static let nobody = "none"

    private func place(of pair: Pair) -> Place {
        Place(file: findings.source.file, position: pair.value.start)
    }

    private mutating func policy(
        _ entries: [Pair], of pair: Pair, into draft: inout Draft
    ) -> NotifyPolicy? {
        var policy = NotifyPolicy(channels: [:])
        let before = findings.problems.count
        for entry in entries {
            switch NotifyKey(rawValue: entry.key) {
            case .late: readLate(entry, into: &policy, &draft)
            case .afterFailures: policy.afterFailures = integer(entry, in: 1...1_000) ?? 1
            case .repeatAfter:
                let range = Duration.seconds(60)...(.seconds(365 * 86_400))
                policy.repeatAfter = duration(entry, in: range) ?? NotifyPolicy.standardRepeat
            case .some(let key):
                guard let kind = key.kind else { continue }
                policy.channels[kind] = told(entry, into: &draft)
            case nil: reportUnknown(entry)
            }
        }
        guard findings.problems.count == before else { return nil }
        guard !policy.channels.isEmpty else {
            return refuse(
                pair, "names no channel", hint: "notify: {failed: [ops]}, or notify: none to tell nobody")
        }
        return policy
    }

    private mutating func reportUnknown(_ entry: Pair) {
        guard !entry.key.contains("://") else { return refuseURL(entry, at: entry.place) }
        let known = NotifyKey.allCases.map(\.rawValue).joined(separator: ", ")
        findings.report(
            at: entry.place, "unknown key \(entry.key.quoted) in 'notify'",
            hint: NotifyKey.meant(by: entry.key)?.rawValue ?? "one of \(known)")
    }

    /// `{after: 15m, to: [ops]}`.
    private mutating func readLate(_ pair: Pair, into policy: inout NotifyPolicy, _ draft: inout Draft) {
        let example = "late: {after: 15m, to: [ops]}"
        guard case .map(let entries) = pair.value.content else {
            _ = self.entries(pair, hint: example)
            return
        }
        for entry in entries {
            switch entry.key {
            case "after": policy.lateAfter = duration(entry, in: .seconds(1)...(.seconds(7 * 86_400)))
            case "to": policy.channels[.late] = told(entry, into: &draft)
            default:
                findings.report(
                    at: entry.place, "unknown key \(entry.key.quoted) in 'late'",
                    hint: entry.key.nearest(among: ["after", "to"]) ?? "one of after, to")
            }
        }
        for name in ["after", "to"] where !entries.contains(where: { $0.key == name }) {
            findings.report(at: pair.value.start, "the key '\(name)' of 'late' is missing", hint: example)
        }
    }

    /// The channels of one kind. Here `none` is not allowed.
    private mutating func told(_ pair: Pair, into draft: inout Draft) -> [String]? {
        let hint = "\(pair.key): [ops], or no such key"
        guard let found = channels(pair, hint: hint, into: &draft) else { return nil }
        guard found != [Self.nobody] else {
            return refuse(pair, "is 'none'", hint: "no such key: a kind without a key is not told")
        }
        return found
    }

    /// The channels of a name or of a list of names, each of them once.
    private mutating func channels(_ pair: Pair, hint: String, into draft: inout Draft) -> [String]? {
        var items = [pair]
        if case .list(let nodes) = pair.value.content {
            items = nodes.map { Pair(key: pair.key, place: pair.place, value: $0) }
        }
        guard !items.isEmpty else { return refuse(pair, "names no channel", hint: hint) }
        var found: [String] = []
        let before = findings.problems.count
        for item in items {
            guard let channel = channel(item, hint: hint) else { continue }
            if found.contains(channel) {
                findings.report(
                    at: item.value.start, "\(pair.key.quoted) names \(channel.quoted) twice",
                    hint: "remove one of the two")
            } else if channel == Self.nobody, items.count > 1 {
                findings.report(
                    at: item.value.start, "'none' stands beside channels", hint: "none alone, or without it")
            } else if channel != Self.nobody {
                draft.channels.append(ChannelUse(channel: channel, isPing: false, place: place(of: item)))
            }
            found.append(channel)
        }
        return findings.problems.count == before ? found : nil
    }

    /// The name of a channel, in small letters.
    private mutating func channel(_ pair: Pair, hint: String) -> String? {
        guard let scalar = scalar(pair, hint: hint) else { return nil }
        guard !scalar.text.contains("://") else {
            refuseURL(pair, at: pair.value.start)
            return nil
        }
        guard text(pair, limit: Limits.channelCharacters) != nil,
            hasOnly(
                scalar, of: pair, hint: "a channel's name has letters, digits and '_'", \.isChannelCharacter)
        else { return nil }
        let name = scalar.text.lowercased()
        if ["false", "no", "off", "true", "yes", "on"].contains(name) {
            return refuse(pair, "is \(scalar.text.quoted), which is no channel", hint: hint)
        }
        if name.hasSuffix("_file") || name.hasSuffix("_secret") {
            return refuse(
                pair, "is \(scalar.text.quoted): the names of channels do not end in _FILE or _SECRET")
        }
        return name
    }

    private mutating func refuseURL(_ pair: Pair, at place: Position) {
        findings.report(
            at: place,
            "\(pair.key.contains("://") ? "'notify'" : pair.key.quoted) has a URL: it is a secret, and job files only "
                + "name channels",
            hint: "a name such as ops, and ORCHESTRATE_NOTIFY_OPS=slack+https://… in the environment")
    }
}

/// The keys of the map `notify`.
private enum NotifyKey: String, CaseIterable {
    case failed, recovered, missed, refused, blocked, late
    case afterFailures = "after_failures"
    case repeatAfter = "repeat"

    /// nil: the key is a setting.
    var kind: OutboxMessage.Kind? {
        switch self {
        case .failed: .failed
        case .recovered: .recovered
        case .missed: .missed
        case .refused: .refused
        case .blocked: .blocked
        case .late: .late
        case .afterFailures, .repeatAfter: nil
        }
    }

    /// The key that the author may have meant.
    static func meant(by word: String) -> NotifyKey? {
        if let near = word.nearest(among: allCases.map(\.rawValue)) { return NotifyKey(rawValue: near) }
        switch word.lowercased() {
        case "failure", "failures", "error", "errors", "on_failure", "lost": return .failed
        case "success", "succeeded", "recovery", "resolved", "on_success": return .recovered
        case "misfire", "misfired", "skipped", "unrecorded": return .missed
        case "manual": return .blocked
        case "overdue", "delayed", "sla": return .late
        case "threshold", "failure_issue_threshold": return .afterFailures
        case "remind", "reminder", "cooldown", "every", "repeat_after": return .repeatAfter
        default: return nil
        }
    }
}

extension Unicode.Scalar {
    fileprivate var isChannelCharacter: Bool {
        UInt8(exactly: value).map { $0 < 0x80 && $0.isKeyByte } ?? false
    }
}
