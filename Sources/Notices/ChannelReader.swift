import CivilTime
import HTTP
import Text

/// Reads the variables of channels, and collects all that is wrong with them. No text shows a value: a URL, a
/// secret, or what an operator may have put into the wrong variable.
struct ChannelReader {
    private static let file = "_FILE"
    private static let secret = "_SECRET"
    /// In bytes. The longest URLs, those of Teams, have a few hundred.
    private static let longestValue = 8_192
    private static let longestName = 64
    /// A word of this length is hardly a secret.
    private static let longestShown = 16

    private let environment: [String: String]
    private(set) var problems: [String] = []

    init(_ environment: [String: String]) {
        self.environment = environment.filter { !$0.value.allSatisfy(\.isWhitespace) }
    }

    mutating func channels() -> [String: Channel] {
        var stems = Set<String>()
        var found: [String: Channel] = [:]
        for variable in Channels.variables(setIn: environment) {
            let stem = variable.without(Self.file)
            let owner = stem.without(Self.secret)
            if !owner.hasPrefix(Channels.prefix) {
                problems.append("\(variable): a channel cannot have this name, choose another one")
            } else if owner != stem {
                checkOwner(of: variable, owner)
            } else if stems.insert(stem).inserted, let channel = channel(stem) {
                if found[channel.name] != nil {
                    problems.append("\(variable): another variable names a channel \(channel.name), too")
                }
                found[channel.name] = channel
            }
        }
        return found
    }

    /// A secret without its channel is probably a typing error.
    private mutating func checkOwner(of variable: String, _ owner: String) {
        guard environment[owner] == nil, environment[owner + Self.file] == nil else { return }
        problems.append("\(variable) is the secret of no channel: \(owner) is not set")
    }

    private mutating func channel(_ variable: String) -> Channel? {
        let name = String(variable.dropFirst(Channels.prefix.count)).lowercased()
        guard isName(name) else {
            problems.append(
                "\(variable): a channel's name is made of letters, digits and _, at most \(Self.longestName)")
            return nil
        }
        let isReserved = ["none", "file", "secret"].contains(name)
        guard !isReserved, !name.hasSuffix("_file"), !name.hasSuffix("_secret") else {
            problems.append("\(variable): a channel cannot have this name, choose another one")
            return nil
        }
        guard let value = value(variable) else { return nil }
        guard let (service, url) = service(of: value) else {
            let schemes = Service.allCases.map { "\($0.rawValue)+" }.joined(separator: ", ")
            problems.append(
                "\(variable) does not begin with a service and the address: \(schemes) before https:// is needed"
            )
            return nil
        }
        return channel(named: name, variable, service, url)
    }

    private mutating func channel(
        named name: String, _ variable: String, _ service: Service, _ url: Substring
    ) -> Channel? {
        let secretVariable = variable + Self.secret
        let isGiven = environment[secretVariable] != nil || environment[secretVariable + Self.file] != nil
        let secret = value(secretVariable)
        let flaw = isGiven && secret == nil ? nil : service.objection(to: secret)
        if let flaw { problems.append("\(secretVariable) \(flaw)") }
        do throws(TransportSetupError) {
            let address = try Address(String(url), place: variable, example: service.example)
            return Channel(name: name, service: service, address: address, secret: secret)
        } catch {
            problems.append(error.description)
            return nil
        }
    }

    private func isName(_ name: some StringProtocol) -> Bool {
        (1...Self.longestName).contains(name.utf8.count)
            && name.utf8.allSatisfy { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") }
    }

    private func service(of value: String) -> (Service, Substring)? {
        guard let (scheme, url) = value.cut(at: "+"),
            let service = Service.allCases.first(where: { scheme.equalsIgnoringCase($0.rawValue) })
        else { return nil }
        return (service, url)
    }

    /// What the variable holds, or else the file that its `_FILE` form names.
    private mutating func value(_ variable: String) -> String? {
        if let value = environment[variable] { return value.trimmed }
        let place = variable + Self.file
        guard let path = environment[place] else { return nil }
        do throws(NamedFile.Refusal) {
            let bytes = try NamedFile.bytes(of: path, atMost: Self.longestValue)
            let text = String(decoding: bytes, as: UTF8.self).trimmed
            if text.isEmpty { problems.append("\(place): the file it names is empty") }
            return text.isEmpty ? nil : text
        } catch {
            // The path is not shown: it may be the URL itself, in the wrong variable.
            problems.append("\(place): the file it names \(error.cause)")
            return nil
        }
    }
}

extension ChannelReader {
    mutating func standard(among channels: [String: Channel]) -> [String] {
        guard let list = environment[Channels.standardVariable] else { return [] }
        let names = list.split(separator: ",").map { String($0).trimmed.lowercased() }
        guard names != ["none"] else { return [] }
        var known: [String] = []
        for name in names where !known.contains(name) {
            guard let channel = channels[name] else {
                problems.append(unknown(name, among: channels.keys.sorted()))
                continue
            }
            guard !channel.service.traits.isSwitch else {
                problems.append(
                    "\(Channels.standardVariable): \(name) is a healthchecks channel, which takes pings only: name it with ping: in job files"
                )
                continue
            }
            known.append(name)
        }
        return known
    }

    private func unknown(_ name: String, among names: [String]) -> String {
        let variable = Channels.standardVariable
        guard isName(name), name.utf8.count <= 32 else {
            return "\(variable) is no list of channels' names, such as ops,chat"
        }
        // A long word that is far from all names may be a secret.
        let near = Spelling.suggestion(for: name, among: names, limit: 2)
        let hint = near.map { ", did you mean \($0)?" } ?? ""
        guard name.utf8.count <= Self.longestShown else {
            return "\(variable) names a channel that no variable \(Channels.prefix)… sets\(hint)"
        }
        let wanted = Channels.prefix + name.uppercased()
        return "\(variable) names the channel \(name), which \(wanted) does not set\(hint)"
    }

    mutating func heartbeatAddress() -> Address? {
        guard let url = environment[Channels.heartbeatVariable] else { return nil }
        do throws(TransportSetupError) {
            return try Address(
                url.trimmed, place: Channels.heartbeatVariable, example: "https://hc-ping.com/<uuid>")
        } catch {
            problems.append(error.description)
            return nil
        }
    }

    mutating func heartbeatPause() -> Duration {
        let standard = Duration.seconds(Channels.heartbeatSeconds)
        guard let text = environment[Channels.heartbeatSecondsVariable] else { return standard }
        guard let seconds = Double(text.trimmed), (10...86_400).contains(seconds) else {
            problems.append(
                "\(Channels.heartbeatSecondsVariable): a number of seconds from 10 to 86400 is needed")
            return standard
        }
        return .microseconds(Int64(seconds * 1_000_000))
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }

    fileprivate func without(_ suffix: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}
