import CivilTime
import Foundation
import Scheduling
import Testing
import Text

@testable import Notices

/// Names and words from job files and from GitLab that a chat could obey.
@Suite struct HostileTextTests {
    private static let chats: [Service] = [.slack, .discord, .teams]
    private static let texts = [
        "@channel @here @everyone <!channel> <@U123> <@&9> &lt;!here&gt;",
        "*bold* _it_ ~gone~ `code` ```pre```",
        "[click](https://evil.example/) <https://evil.example|ok> ![x](http://e.example/x.png)",
        "# head\n> quote\r\n- list\n/close", "a\u{0}b\u{7}c\u{1B}[31m\u{9B}d\u{7F}",
        "\u{202E}gnp.exe\u{2028}x",
        "\"}],\"text\":\"forged\\", "<\u{301}!channel> @\u{301}channel", "👩‍👩‍👧 🇩🇪 ü 日本", ":smile: ||spoiler||",
    ]

    @Test("Every body is JSON that holds the text in one place", arguments: Service.allCases, texts)
    func isJSON(service: Service, text: String) throws {
        guard service != .healthchecks else {
            let body = String(decoding: try rendered(service, [message(text: text)]).body, as: UTF8.self)
            #expect(body == text.printable())
            return
        }
        let members = try object(service, [message(text: text, url: nil)])
        #expect(members.keys.sorted() == (try object(service, [message(url: nil)])).keys.sorted())
        let body = try rendered(service, [message(text: text)]).body
        #expect(body.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
    }

    @Test func slackFindsNoMarkup() throws {
        for text in Self.texts {
            let shown = try shown(.slack, [message(text: text, url: nil)])
            #expect(!shown.contains(where: { "<>*`~".contains($0) }), "\(shown)")
            for scalar in "<>*`~".unicodeScalars { #expect(!shown.unicodeScalars.contains(scalar)) }
            let pairs = zip(shown.unicodeScalars, shown.unicodeScalars.dropFirst())
            for (sign, next) in pairs where "@#!]".unicodeScalars.contains(sign) {
                #expect(next == "\u{200B}", "\(shown)")
            }
            #expect(!shown.contains("://"))
            #expect(!shown.contains("](") && !shown.contains(":smile:"))
        }
        let shown = try shown(.slack, [message(text: "a & b < c, nightly_export _x_ 03:00: ok", url: nil)])
        #expect(shown == "a &amp; b &lt; c, nightly_export \u{2CD}x\u{2CD} 03:00: ok")
    }

    @Test func discordFindsNoMarkup() throws {
        let text = ##"*b* _i_ ~~s~~ `c` ||p|| <@1> [a](https://e.example) \ # h nightly_export 03:00: ok"##
        #expect(
            try shown(.discord, [message(text: text, url: nil)])
                == ##"\*b\* \_i\_ \~\~s\~\~ \`c\` \|\|p\|\| \<\@1\> \[a\]\(https\://e.example\) \\ \# h nightly_export 03:00: ok"##
        )
        for text in Self.texts {
            let members = try object(.discord, [message(text: text)])
            #expect((members["allowed_mentions"] as? [String: [String]]) == ["parse": []])
        }
    }

    @Test("A run id can be copied from each chat")
    func runID() throws {
        for service in Self.chats {
            let shown = try shown(service, [message(text: "nightly@2026-11-30T03:00:00Z failed", url: nil)])
            #expect(shown == "nightly@2026-11-30T03:00:00Z failed")
        }
    }

    @Test("A GitLab incident mentions nobody")
    func gitLab() throws {
        let members = try object(.gitlab, [message(job: "x @all", text: "@root see #1 and !2")])
        #expect(members["title"] as? String == "x @\u{200B}all: failed")
        #expect(members["description"] as? String == "@\u{200B}root see #\u{200B}1 and !\u{200B}2")
    }

    @Test(
        "A pipeline's page that is no plain address is left out",
        arguments: [
            "javascript:alert(1)", "https://e.example/|x", "https://e.example/>x", "https://e.example/ x", "",
            "https://e.example/*x*", "https://e.example/\u{E9}",
            "https://" + String(repeating: "a", count: 2_000),
        ])
    func url(text: String) throws {
        for service in Self.chats {
            let body = String(decoding: try rendered(service, [message(url: text)]).body, as: UTF8.self)
            #expect(body == String(decoding: try rendered(service, [message(url: nil)]).body, as: UTF8.self))
        }
        #expect(try object(.gitlab, [message(url: text)])["pipeline_url"] is NSNull)
    }

    @Test(
        "100 kB are cut at the limit, on a whole character and a whole escape",
        arguments: [
            "*", "é", "👩‍👩‍👧", "&", "日", "e\u{301}", "\"",
        ])
    func limits(character: String) throws {
        let text = String(repeating: character, count: 100_000 / character.utf8.count)
        let discord = try shown(.discord, [message(text: text)])
        #expect((1_990...2_000).contains(discord.utf16.count))
        #expect(discord.hasSuffix("…\n<https://gitlab.example.com/g/p/-/pipelines/7>"))
        let slack = try shown(.slack, [message(text: text)])
        #expect((11_990...12_100).contains(slack.utf16.count))
        let teams = try rendered(.teams, [message(text: text)]).body
        #expect((6_000...21_000).contains(teams.count))
        let alert = try object(.gitlab, [message(job: text, text: text)])
        #expect((180...200).contains((alert["title"] as? String)?.utf16.count ?? 0))
        #expect((alert["description"] as? String)?.utf16.count ?? 0 <= 1_000)
        #expect((alert["service"] as? String)?.utf16.count ?? 0 <= 100)
        #expect(try rendered(.healthchecks, [message(text: text)]).body.count <= 10_000)
        #expect(try rendered(.json, [message(text: text)]).body.count <= 40_000)
    }

    @Test func aCutLeavesNoHalfEscape() throws {
        let slack = try shown(.slack, [message(text: String(repeating: "&", count: 9_000), url: nil)])
        #expect(slack.dropLast().count.isMultiple(of: 5))
        #expect(slack == String(repeating: "&amp;", count: 2_399) + "…")
        let discord = try shown(.discord, [message(text: String(repeating: "*", count: 9_000), url: nil)])
        #expect(discord == String(repeating: #"\*"#, count: 999) + "…")
        let whole = try shown(.discord, [message(text: String(repeating: "x", count: 2_000), url: nil)])
        #expect(whole == String(repeating: "x", count: 2_000))
        let cut = try shown(.discord, [message(text: String(repeating: "x", count: 2_001), url: nil)])
        #expect(cut == String(repeating: "x", count: 1_999) + "…")
    }
}

/// Several messages in one.
@Suite struct DigestTests {
    private func messages(_ count: Int, text: String = "job * failed") -> [OutboxMessage] {
        (1...count).map { message(job: "job \($0)", text: text.replacing("*", with: "\($0)")) }
    }

    @Test(arguments: [Service.slack, .discord, .teams])
    func aFew(service: Service) throws {
        #expect(
            try shown(service, messages(3)) == "3 notices:\n• job 1 failed\n• job 2 failed\n• job 3 failed")
    }

    @Test(arguments: [Service.slack, .discord, .teams], [12, 100, 5_000])
    func tooMany(service: Service, count: Int) throws {
        let long = messages(count, text: "job * failed: " + String(repeating: "<*>é", count: 200))
        let text = try shown(service, long)
        let limit = [.slack: 12_000, .discord: 2_000, .teams: 6_000][service] ?? 0
        #expect(text.utf16.count <= limit)
        #expect(try rendered(service, long).body.count <= 21_000 || service == .slack)
        let lines = text.split(separator: "\n")
        #expect(lines.first == "\(count) notices:")
        let told = lines.filter { $0.hasPrefix("• ") }
        #expect(!told.isEmpty)
        #expect(told.allSatisfy { $0.utf16.count <= 302 })
        if told.count < count { #expect(lines.last == "and \(count - told.count) more") }
    }

    @Test(
        "Programs, alerts and pings get each message by itself",
        arguments: [
            Service.json, .gitlab, .healthchecks,
        ])
    func neverMerged(service: Service) {
        let renderer = Renderer(service: service, project: "1")
        #expect(renderer.requests(for: messages(12), at: fireTime).count == 12)
        #expect(renderer.requests(for: [], at: fireTime).isEmpty)
    }
}
