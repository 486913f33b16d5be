import CivilTime
import Foundation
import Scheduling
import Testing

@testable import Notices

private let ok = httpAnswer("200 OK", "ok")
private let secrets = ["T0PATH", "S3SIG", "K3YKEY", "127.0.0.1"]

/// What goes over the wire, and what becomes of it.
@Suite(.timeLimit(.minutes(5))) struct NotifierIntegrationTests {
    private func environment(_ service: String, port: Int, _ more: [String: String]) -> [String: String] {
        ["ORCHESTRATE_NOTIFY_OPS": "\(service)+http://127.0.0.1:\(port)/hook/T0PATH?sig=S3SIG%2F"]
            .merging(more) { $1 }
    }

    private func notifier(
        _ service: String = "slack", port: Int, patience: Duration = .seconds(10),
        proxy: [String: String] = [:], _ more: [String: String] = [:]
    ) -> Notifier {
        var problems: [String] = []
        let channels = Channels(environment(service, port: port, more), problems: &problems)
        #expect(problems == [])
        return Notifier(
            channels, project: "4242", environment: proxy, version: "1.2.3", patience: patience)
    }

    private func parcel(_ messages: OutboxMessage...) -> Parcel {
        Parcel(channel: "ops", messages: messages)
    }

    /// The delivery and the requests for one message.
    private func deliver(
        _ reactions: Receiver.Reaction, service: String = "slack", patience: Duration = .seconds(10),
        _ more: [String: String] = [:]
    ) async throws -> (Delivery, [String]) {
        let receiver = try await Receiver(reactions)
        let notifier = notifier(service, port: receiver.port, patience: patience, more)
        let delivery = await notifier.deliver(parcel(message()), at: fireTime)
        await notifier.shutdown()
        await receiver.stop()
        return (delivery, receiver.requests)
    }

    private func isSecret(_ text: String) -> Bool { secrets.contains { text.contains($0) } }

    @Test func theRequestAsItArrives() async throws {
        let (delivery, requests) = try await deliver(.answer(ok))
        #expect(delivery == .taken)
        let request = try #require(requests.first)
        #expect(request.hasPrefix("POST /hook/T0PATH?sig=S3SIG%2F HTTP/1.1\r\n"))
        let lines = Set(request.lowercased().split(separator: "\r\n").map(String.init))
        #expect(lines.isSuperset(of: ["content-type: application/json", "user-agent: orchestrate/1.2.3"]))
        #expect(request.hasSuffix(try body(.slack, message())))
        #expect(requests.count == 1)
    }

    @Test func aSignedEvent() async throws {
        let (delivery, requests) = try await deliver(
            .answer(httpAnswer("204 No Content")), service: "json",
            ["ORCHESTRATE_NOTIFY_OPS_SECRET": "K3YKEY"])
        #expect(delivery == .taken)
        let lines = Set((requests.first ?? "").lowercased().split(separator: "\r\n").map(String.init))
        #expect(lines.contains("content-type: application/cloudevents+json; charset=utf-8"))
        #expect(!lines.contains("content-type: application/json"))
        #expect(lines.contains("webhook-id: \(message().id)"))
        #expect(lines.contains("webhook-timestamp: \(fireTime.seconds)"))
        #expect(lines.contains { $0.hasPrefix("webhook-signature: v1,") })
        #expect(!(requests.first ?? "").contains("K3YKEY"))
    }

    @Test("Each signed event has headers of its own, on the same target")
    func headersAreNotKept() async throws {
        let receiver = try await Receiver(.answer(ok))
        let notifier = notifier("json", port: receiver.port, ["ORCHESTRATE_NOTIFY_OPS_SECRET": "K3YKEY"])
        for kind in [OutboxMessage.Kind.failed, .recovered] {
            #expect(await notifier.deliver(parcel(message(kind)), at: fireTime) == .taken)
        }
        #expect(receiver.requests.count == 2)
        #expect(receiver.requests.last?.contains("webhook-id: \(message(.recovered).id)") == true)
        await notifier.shutdown()
    }

    @Test func anAlertCarriesItsKey() async throws {
        let (delivery, requests) = try await deliver(
            .answer(ok), service: "gitlab", ["ORCHESTRATE_NOTIFY_OPS_SECRET": "K3YKEY"])
        #expect(delivery == .taken)
        #expect(requests.first?.contains("Authorization: Bearer K3YKEY\r\n") == true)
    }

    @Test func aPing() async throws {
        let (delivery, requests) = try await deliver(.answer(ok), service: "healthchecks")
        #expect(delivery == .taken)
        let target = "/hook/T0PATH/nightly/log?sig=S3SIG%2F&rid=\(message().runUUID)"
        #expect(requests.first?.hasPrefix("POST \(target) HTTP/1.1\r\n") == true)
        #expect(requests.first?.hasSuffix("\r\n\r\n\(message().text)") == true)
    }

    @Test func theHeartbeat() async throws {
        let receiver = try await Receiver(.answer(ok), .answer(httpAnswer("500 No")))
        let notifier = notifier(
            port: receiver.port,
            ["ORCHESTRATE_HEARTBEAT": "http://127.0.0.1:\(receiver.port)/T0PATH"])
        #expect(await notifier.beat() == .taken)
        #expect(await notifier.beat() == .failed("HTTP 500"))
        #expect(receiver.requests.first?.hasPrefix("GET /T0PATH HTTP/1.1\r\n") == true)
        await notifier.shutdown()
    }

    @Test func withoutAChannel() async {
        var problems: [String] = []
        let channels = Channels([:], problems: &problems)
        let notifier = Notifier(channels, project: "1", environment: [:], version: "1")
        #expect(
            await notifier.deliver(parcel(message()), at: fireTime)
                == .refused("no variable sets a channel of this name"))
        #expect(await notifier.beat() == .refused("ORCHESTRATE_HEARTBEAT is not set"))
    }

    @Test(arguments: [
        ("201 Created", "", Delivery.taken), ("400 Bad", "", .refused("HTTP 400")),
        ("413 Large", "", .refused("HTTP 413")), ("422 No", "", .refused("HTTP 422")),
        ("401 Who", "", .failed("HTTP 401")), ("403 No", "", .failed("HTTP 403")),
        ("404 Gone", "", .failed("HTTP 404")), ("500 Oh", "", .failed("HTTP 500")),
        ("429 Slow", "", .failed("HTTP 429")),
        ("429 Slow", "Retry-After: 7\r\n", .failed("HTTP 429", retryAfter: .seconds(7))),
        ("429 Slow", "retry-after: 0.35\r\n", .failed("HTTP 429", retryAfter: .milliseconds(350))),
        ("503 Busy", "Retry-After: 86400\r\n", .failed("HTTP 503", retryAfter: .seconds(3_600))),
        (
            "503 Busy", "Retry-After: Mon, 30 Nov 2026 03:02:00 GMT\r\n",
            .failed("HTTP 503", retryAfter: .seconds(120))
        ),
        (
            "429 Slow", "Retry-After: Mon, 30 Nov 2026 01:00:00 GMT\r\n",
            .failed("HTTP 429", retryAfter: .zero)
        ),
        ("429 Slow", "Retry-After: soon\r\n", .failed("HTTP 429")),
        ("429 Slow", "Retry-After: inf\r\n", .failed("HTTP 429", retryAfter: .seconds(3_600))),
        ("500 Oh", "Retry-After: 7\r\n", .failed("HTTP 500")),
    ])
    func answers(status: String, headers: String, delivery: Delivery) async throws {
        let answer = httpAnswer(status, "T0PATH S3SIG", headers: headers)
        #expect(try await deliver(.answer(answer)).0 == delivery)
    }

    @Test("A redirect is not followed, and its target is not shown")
    func redirect() async throws {
        let answer = httpAnswer("302 Found", headers: "Location: http://127.0.0.1:9/T0PATH\r\n")
        let (delivery, requests) = try await deliver(.answer(answer))
        #expect(
            delivery
                == .failed(
                    "it redirects (HTTP 302): write the address it leads to into ORCHESTRATE_NOTIFY_OPS"))
        #expect(requests.count == 1)
    }

    @Test func itHangs() async throws {
        let (delivery, requests) = try await deliver(.silence, patience: .milliseconds(300))
        #expect(delivery == .failed("no complete answer within 0.3 seconds"))
        // On a busy machine, the deadline may pass before the request arrives.
        #expect(requests.count <= 1)
    }

    @Test("The deadline covers the whole answer")
    func itStopsHalfway() async throws {
        let half = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
        let (hanging, _) = try await deliver(.answer(half), patience: .milliseconds(300))
        #expect(hanging == .failed("no complete answer within 0.3 seconds"))
        let (dying, _) = try await deliver(.answerAndClose(half))
        #expect(
            dying
                == .failed("the receiver: the answer is not HTTP (stream ended at an unexpected time)"))
    }

    @Test(arguments: ["", "garbage\r\n\r\n", "HTTP/1.1 099 Odd\r\n\r\n"])
    func itDies(answer: String) async throws {
        let (delivery, _) = try await deliver(.answerAndClose(answer))
        guard case .failed(let words, nil) = delivery else {
            Issue.record("\(delivery)")
            return
        }
        #expect(!isSecret(words), "\(words)")
    }

    @Test func nobodyIsThere() async throws {
        let receiver = try await Receiver(.silence)
        let port = receiver.port
        await receiver.stop()
        let refused = notifier(port: port)
        #expect(
            await refused.deliver(parcel(message()), at: fireTime)
                == .failed("the receiver: Connection refused"))
        let proxied = notifier(port: port, proxy: ["http_proxy": "http://localhost:\(port)"])
        #expect(
            await proxied.deliver(parcel(message()), at: fireTime) == .failed("the proxy: Connection refused")
        )
        for notifier in [refused, proxied] { await notifier.shutdown() }
    }

    @Test("A receiver without TLS is told so without its address")
    func noTLS() async throws {
        let receiver = try await Receiver(.silence, greeting: "HTTP/1.1 400 Bad\r\n\r\n")
        let port = receiver.port
        let notifier = notifier(
            port: port, ["ORCHESTRATE_NOTIFY_OPS": "slack+https://127.0.0.1:\(port)/hook/T0PATH"])
        guard case .failed(let words, nil) = await notifier.deliver(parcel(message()), at: fireTime) else {
            Issue.record("it was delivered")
            return
        }
        #expect(words == "the receiver: it does not speak TLS: is it http instead of https?")
        #expect(!isSecret(words) && !words.contains("\(port)"), "\(words)")
        await notifier.shutdown()
    }

    @Test("A broken proxy setting fails each delivery, in words")
    func noProxy() async {
        let notifier = notifier(port: 9, proxy: ["http_proxy": "socks5://sesame@p"])
        guard case .failed(let words, nil) = await notifier.deliver(parcel(message()), at: fireTime) else {
            Issue.record("it was delivered")
            return
        }
        #expect(words.hasPrefix("http_proxy: ") && !words.contains("sesame"))
    }

    @Test("After the end nothing is sent")
    func shutdown() async throws {
        let receiver = try await Receiver(.answer(ok))
        let notifier = notifier(port: receiver.port)
        await notifier.shutdown()
        let delivery = await notifier.deliver(parcel(message()), at: fireTime)
        #expect(delivery == .failed("the connections to the receiver are closed already"))
    }
}
