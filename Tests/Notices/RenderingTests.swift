import CivilTime
import Foundation
import Scheduling
import Testing

@testable import Notices

/// The bodies, to the last byte.
@Suite struct RenderingTests {
    @Test func cloudEvent() throws {
        let request = try rendered(.json, [message()])
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == #"{"specversion":"1.0","id":"214ee7bb-ef6b-5332-a1ae-965d046e62e2","source":"/projects/4242","type":"orchestrate.run.failed","subject":"nightly@2026-11-30T03:00:00Z","time":"2026-11-30T03:01:30.000Z","datacontenttype":"application/json","text":"nightly of 03:00 failed: script failure","data":{"job":"nightly","state":"failed"}}"#
        )
        #expect(request.headers.map(\.name) == ["Content-Type"])
        #expect(request.headers.map(\.value) == ["application/cloudevents+json; charset=utf-8"])
        #expect(request.suffix.isEmpty && request.query.isEmpty)
    }

    @Test func aSecretSigns() throws {
        let request = try rendered(.json, [message()], secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let headers = Dictionary(uniqueKeysWithValues: request.headers.map { ($0.name, $0.value) })
        #expect(headers["webhook-id"] == message().id)
        #expect(headers["webhook-timestamp"] == "\(fireTime.seconds)")
        let signed = Array("\(message().id).\(fireTime.seconds).".utf8) + request.body
        let key = try #require(Base64.bytes("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        let signature = Base64.text(Hashes.hmacSHA256(signed, key: key))
        #expect(headers["webhook-signature"] == "v1,\(signature)")
    }

    @Test func aProjectByPathIsOneSegment() {
        let renderer = Renderer(service: .json, project: "group/name")
        let body = renderer.requests(for: [message()], at: fireTime).first?.body ?? []
        #expect(String(decoding: body, as: UTF8.self).contains(#""source":"/projects/group%2Fname""#))
    }

    @Test func slack() throws {
        #expect(
            try body(.slack, message())
                == #"{"text":"nightly of 03:00 failed: script failure\n<https://gitlab.example.com/g/p/-/pipelines/7>"}"#
        )
    }

    @Test func discord() throws {
        #expect(
            try body(.discord, message())
                == #"{"content":"nightly of 03:00 failed: script failure\n<https://gitlab.example.com/g/p/-/pipelines/7>","allowed_mentions":{"parse":[]}}"#
        )
    }

    @Test func teams() throws {
        #expect(
            try body(.teams, message())
                == #"{"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","content":{"$schema":"http://adaptivecards.io/schemas/adaptive-card.json","type":"AdaptiveCard","version":"1.2","body":[{"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"nightly of 03:00 failed: script failure"}]}],"actions":[{"type":"Action.OpenUrl","title":"Pipeline","url":"https://gitlab.example.com/g/p/-/pipelines/7"}]}}]}"#
        )
    }

    @Test func gitLab() throws {
        #expect(
            try body(.gitlab, message())
                == #"{"title":"nightly: failed","description":"nightly of 03:00 failed: script failure","severity":"high","service":"nightly","hosts":["/projects/4242"],"monitoring_tool":"orchestrate","fingerprint":"163f5c7a-d69a-5fcb-b1d0-f42b74b5ba30","start_time":"2026-11-30T03:01:30Z","event":"orchestrate.run.failed","event_id":"214ee7bb-ef6b-5332-a1ae-965d046e62e2","run_id":"nightly@2026-11-30T03:00:00Z","pipeline_url":"https://gitlab.example.com/g/p/-/pipelines/7"}"#
        )
    }

    @Test("The alert of a job is resolved by its recovery, and by no other job's")
    func gitLabResolves() throws {
        let failed = try object(.gitlab, [message(.failed)])
        let recovered = try object(.gitlab, [message(.recovered)])
        let other = try object(.gitlab, [message(.recovered, job: "weekly")])
        let fingerprint = try #require(failed["fingerprint"] as? String)
        #expect(recovered["fingerprint"] as? String == fingerprint)
        #expect(other["fingerprint"] as? String != fingerprint)
        #expect(recovered["end_time"] as? String == "2026-11-30T03:01:30Z")
        #expect(failed["end_time"] == nil)
        for kind in OutboxMessage.Kind.allCases where kind != .recovered {
            #expect(try object(.gitlab, [message(kind)])["end_time"] == nil)
            #expect(try object(.gitlab, [message(kind)])["fingerprint"] as? String == fingerprint)
        }
    }

    @Test("The scheduler's own alerts are one a kind")
    func gitLabOfTheScheduler() throws {
        let expiring = try object(.gitlab, [message(.tokenExpires, job: nil)])
        let refused = try object(.gitlab, [message(.reloadRefused, job: nil)])
        #expect(expiring["title"] as? String == "scheduler: the token expires")
        #expect(expiring["run_id"] is NSNull)
        #expect(expiring["fingerprint"] as? String != refused["fingerprint"] as? String)
    }

    @Test(arguments: [
        (OutboxMessage.Kind.pingStart, "/nightly/start"), (.pingSuccess, "/nightly"),
        (.pingFail, "/nightly/fail"), (.pingLog, "/nightly/log"), (.failed, "/nightly/log"),
    ])
    func healthchecks(kind: OutboxMessage.Kind, suffix: String) throws {
        let request = try rendered(.healthchecks, [message(kind)])
        #expect(request.suffix == suffix)
        #expect(request.query.map(\.name) == ["rid"])
        #expect(request.query.map(\.value) == [NameUUID.text("nightly@2026-11-30T03:00:00Z")])
        #expect(request.headers.map(\.value) == ["text/plain; charset=utf-8"])
        #expect(String(decoding: request.body, as: UTF8.self) == message().text)
    }

    @Test func healthchecksOfTheScheduler() throws {
        let request = try rendered(.healthchecks, [message(.test, job: nil)])
        #expect(request.suffix == "/orchestrate/log")
        #expect(request.query.isEmpty)
    }

    @Test(arguments: [
        ("nightly", "nightly"), ("Nightly Export", "nightly-export"), ("a_b-c", "a_b-c"),
        ("sync: EU / US", "sync-eu-us"), ("a - b", "a---b"), ("a--b", "a--b"), ("-a-", "a"), ("(x)", "x"),
        ("größe", "gr-e"), ("\u{212A}elvin", "elvin"), ("日本", ""), ("...", ""), ("_", "_"),
    ])
    func slug(job: String, slug: String) {
        #expect(Job.pingSlug(of: job) == slug)
    }

    @Test func aJobWithoutASlugHasNoPing() {
        let renderer = Renderer(service: .healthchecks, project: "1")
        #expect(renderer.requests(for: [message(.pingStart, job: "日本")], at: fireTime).isEmpty)
    }

    @Test("The ids are the same in every version of orchestrate")
    func ids() {
        #expect(message().id == "214ee7bb-ef6b-5332-a1ae-965d046e62e2")
        #expect(message().runUUID == "78ea0574-a4c7-51e5-801a-7a73c02ed8a6")
        let ids = OutboxMessage.Kind.allCases.map { message($0).id }
        #expect(Set(ids).count == ids.count)
        var later = message(text: "other words")
        later.at = fireTime
        later.channel = "chat"
        #expect(later.id == message().id)
    }
}
