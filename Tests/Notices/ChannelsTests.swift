import CivilTime
import Foundation
import Scheduling
import Testing

@testable import Notices

/// What the environment says of channels.
@Suite struct ChannelsTests {
    private func read(_ environment: [String: String]) -> (channels: Channels, problems: [String]) {
        var problems: [String] = []
        let channels = Channels(environment, problems: &problems)
        return (channels, problems)
    }

    private func file(_ text: String) throws -> String {
        let path = NSTemporaryDirectory() + "/notices-\(UUID().uuidString)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test func everyService() throws {
        let path = try file("discord+https://discord.com/api/webhooks/1/d\n")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let (channels, problems) = read([
            "ORCHESTRATE_NOTIFY_HOOK": "json+https://hooks.example.com/x?y=1",
            "ORCHESTRATE_NOTIFY_HOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "ORCHESTRATE_NOTIFY_OPS": " SLACK+https://hooks.slack.com/services/T/B/x ",
            "ORCHESTRATE_NOTIFY_chat_2_FILE": path,
            "ORCHESTRATE_NOTIFY_T": "teams+http://127.0.0.1:8080/w?sig=a%2Fb",
            "ORCHESTRATE_NOTIFY_ALERTS": "gitlab+https://gitlab.example.com/g/p/alerts/notify/n/1.json",
            "ORCHESTRATE_NOTIFY_ALERTS_SECRET": "key",
            "ORCHESTRATE_NOTIFY_HC": "healthchecks+https://hc-ping.com/k/",
            "ORCHESTRATE_NOTIFY": "Ops, chat_2,OPS", "ORCHESTRATE_NOTIFY_EMPTY": " ",
        ])
        #expect(problems == [])
        #expect(channels.traits.keys.sorted() == ["alerts", "chat_2", "hc", "hook", "ops", "t"])
        #expect(channels.traits.filter(\.value.isChat).keys.sorted() == ["chat_2", "ops", "t"])
        #expect(channels.traits.filter(\.value.isSwitch).keys.sorted() == ["hc"])
        #expect(channels.standard == ["ops", "chat_2"])
        #expect(channels.heartbeat == nil)
        let teams = try #require(channels.channels["t"]?.address)
        #expect(teams.target(suffix: "", query: []) == "/w?sig=a%2Fb")
        let hc = try #require(channels.channels["hc"]?.address)
        #expect(hc.target(suffix: "/a/start", query: [("rid", "u")]) == "/k/a/start?rid=u")
        #expect(hc.target(suffix: "", query: []) == "/k/")
    }

    @Test func nothingIsSet() {
        let (channels, problems) = read([
            "PATH": "/bin", "ORCHESTRATE_NOTIFY": "", "ORCHESTRATE_HEARTBEAT": "",
        ])
        #expect(problems == [])
        #expect(channels.traits.isEmpty && channels.standard.isEmpty && channels.heartbeat == nil)
        #expect(read(["ORCHESTRATE_NOTIFY": "none"]).problems == [])
    }

    @Test func theHeartbeat() {
        let url = "https://hc-ping.com/1"
        #expect(read(["ORCHESTRATE_HEARTBEAT": url]).channels.heartbeat == .seconds(300))
        let (channels, problems) = read([
            "ORCHESTRATE_HEARTBEAT": url, "ORCHESTRATE_HEARTBEAT_SECONDS": "10",
        ])
        #expect(channels.heartbeat == .seconds(10))
        #expect(problems == [])
        for text in ["9.9", "86401", "nan", "x", "-1"] {
            #expect(
                read(["ORCHESTRATE_HEARTBEAT": url, "ORCHESTRATE_HEARTBEAT_SECONDS": text]).problems == [
                    "ORCHESTRATE_HEARTBEAT_SECONDS: a number of seconds from 10 to 86400 is needed"
                ])
        }
        #expect(read(["ORCHESTRATE_HEARTBEAT_SECONDS": "60"]).channels.heartbeat == nil)
    }

    /// Each wrong variable, and how its problem begins.
    @Test(arguments: [
        ("OPS", "https://sesame/open", "ORCHESTRATE_NOTIFY_OPS does not begin with a service"),
        ("OPS", "mattermost+https://sesame/open", "ORCHESTRATE_NOTIFY_OPS does not begin with a service"),
        (
            "OPS", "slack+ftp://sesame/open",
            "ORCHESTRATE_NOTIFY_OPS: begins with neither https:// nor http://"
        ),
        ("OPS", "slack+sesame", "ORCHESTRATE_NOTIFY_OPS: does not begin with https://"),
        ("OPS", "slack+https://u:sesame@h/open", "ORCHESTRATE_NOTIFY_OPS: has a user or password in it"),
        ("OPS", "slack+https://h/open#sesame", "ORCHESTRATE_NOTIFY_OPS: has a fragment"),
        ("OPS", "slack+https://h/open sesame", "ORCHESTRATE_NOTIFY_OPS: has a blank or a character"),
        ("OPS", "slack+https:///sesame", "ORCHESTRATE_NOTIFY_OPS: has no valid host name"),
        ("OPS", "slack+https://h:sesame/", "ORCHESTRATE_NOTIFY_OPS: has a port that is no number"),
        ("OPS", "gitlab+https://h/sesame", "ORCHESTRATE_NOTIFY_OPS_SECRET needs the endpoint's"),
        ("OPS_SECRET", "sesame", "ORCHESTRATE_NOTIFY_OPS_SECRET is the secret of no channel"),
        ("OPS_FILE", "/sesame/open", "ORCHESTRATE_NOTIFY_OPS_FILE: the file it names cannot be opened"),
        ("OPS-1", "slack+https://h/sesame", "ORCHESTRATE_NOTIFY_OPS-1: a channel's name is made of"),
        ("", "slack+https://h/sesame", "ORCHESTRATE_NOTIFY_: a channel's name is made of"),
        ("NONE", "slack+https://h/sesame", "ORCHESTRATE_NOTIFY_NONE: a channel cannot have this name"),
        ("FILE", "slack+https://h/sesame", "ORCHESTRATE_NOTIFY_FILE: a channel cannot have this name"),
        ("SECRET", "slack+https://h/sesame", "ORCHESTRATE_NOTIFY_SECRET: a channel cannot have this name"),
        (
            "ops_file", "slack+https://h/sesame",
            "ORCHESTRATE_NOTIFY_ops_file: a channel cannot have this name"
        ),
        ("A_FILE_FILE", "/sesame", "ORCHESTRATE_NOTIFY_A_FILE: a channel cannot have this name"),
    ])
    func problem(name: String, value: String, beginning: String) {
        let (channels, problems) = read(["ORCHESTRATE_NOTIFY_\(name)": value])
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix(beginning) == true, "\(problems)")
        #expect(!problems.joined().contains("sesame") && !problems.joined().contains("/open"))
        #expect(channels.traits.isEmpty || name == "OPS")
    }

    @Test(arguments: [
        ("gitlab", "two words"), ("gitlab", "é"), ("json", "whsec_sesame!"), ("slack", "sesame"),
        ("healthchecks", "sesame"),
    ])
    func wrongSecret(service: String, secret: String) {
        let (_, problems) = read([
            "ORCHESTRATE_NOTIFY_OPS": "\(service)+https://h/open", "ORCHESTRATE_NOTIFY_OPS_SECRET": secret,
        ])
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("ORCHESTRATE_NOTIFY_OPS_SECRET ") == true)
        #expect(!problems.joined().contains(secret))
    }

    @Test func aSecretFromAFile() throws {
        let path = try file("glkey\n")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let url = "gitlab+https://h/open"
        let (channels, problems) = read([
            "ORCHESTRATE_NOTIFY_OPS": url, "ORCHESTRATE_NOTIFY_OPS_SECRET_FILE": path,
        ])
        #expect(problems == [])
        #expect(channels.channels["ops"]?.secret == "glkey")
        let empty = try file("\n")
        defer { try? FileManager.default.removeItem(atPath: empty) }
        #expect(
            read(["ORCHESTRATE_NOTIFY_OPS": url, "ORCHESTRATE_NOTIFY_OPS_SECRET_FILE": empty]).problems == [
                "ORCHESTRATE_NOTIFY_OPS_SECRET_FILE: the file it names is empty"
            ])
    }

    @Test func allProblemsAtOnce() {
        let (channels, problems) = read([
            "ORCHESTRATE_NOTIFY_A": "nonsense", "ORCHESTRATE_NOTIFY_B": "json+gopher://b",
            "ORCHESTRATE_NOTIFY_OPS": "slack+https://h/1", "ORCHESTRATE_NOTIFY_ops": "slack+https://h/2",
            "ORCHESTRATE_NOTIFY_HC": "healthchecks+https://h/3",
            "ORCHESTRATE_NOTIFY": "obs,hc,https://sesame,glpatxsesamexsesamexsesamexsesame,ops",
            "ORCHESTRATE_HEARTBEAT": "sesame", "ORCHESTRATE_HEARTBEAT_SECONDS": "1",
        ])
        #expect(problems.count == 9)
        #expect(problems.contains { $0.contains("did you mean ops?") })
        #expect(problems.contains { $0.contains("another variable names a channel ops") })
        #expect(!problems.joined().contains("sesame"))
        #expect(channels.standard == ["ops"])
    }

    @Test func whatEnvShows() {
        #expect(
            Channels.variables(setIn: [
                "ORCHESTRATE_NOTIFY_OPS": "x", "ORCHESTRATE_NOTIFY_A_SECRET": "y",
                "ORCHESTRATE_NOTIFY_B": " ",
                "ORCHESTRATE_NOTIFY": "ops", "HOME": "/",
            ]) == ["ORCHESTRATE_NOTIFY_A_SECRET", "ORCHESTRATE_NOTIFY_OPS"])
    }
}
