import CivilTime
import Testing

@testable import Scheduling

@Suite("Outbox: messages on their way")
struct OutboxTests {
    private func message(
        _ job: String, _ number: Int = 1, to channel: String = "ops", at time: String = "12:00"
    )
        -> OutboxMessage
    {
        let at = Instant.at(time)
        return OutboxMessage(
            .failed, to: channel, subject: "\(job)@\(at.advanced(by: .seconds(number)).rfc3339)", job: job,
            at: at,
            text: "\(job) failed")
    }

    private func outbox(_ messages: [OutboxMessage]) -> Outbox {
        Outbox(TellingWorld.channels, waiting: messages)
    }

    /// The numbers of the messages that leave.
    private func leave(_ outbox: inout Outbox, _ channel: String = "ops", at time: String = "12:00")
        -> [[String]]
    {
        var found: [[String]] = []
        while let parcel = outbox.next(of: channel, at: .at(time)) {
            found.append(parcel.messages.map { "\($0.job ?? "")\($0.subject.suffix(3).prefix(2))" })
        }
        return found
    }

    @Test("Messages of one job go one after the other, those of others beside them")
    func order() {
        var outbox = outbox([message("a", 1), message("a", 2), message("b", 3), message("a", 4)])
        #expect(leave(&outbox) == [["a01"], ["b03"]])
        expect(
            outbox.delivered(Parcel(channel: "ops", messages: [message("a", 1)]), .taken, at: .at("12:00")))
        #expect(leave(&outbox) == [["a02"]])
    }

    @Test("A channel in trouble gets one try at a time, later and later, and nothing is out of order")
    func trouble() {
        var outbox = outbox([message("a", 1), message("a", 2), message("b", 3)])
        _ = leave(&outbox)
        for job in ["a", "b"] {
            let parcel = Parcel(channel: "ops", messages: [message(job, job == "a" ? 1 : 3)])
            expect(!outbox.delivered(parcel, .failed("HTTP 500"), at: .at("12:00")))
        }
        #expect(leave(&outbox, at: "12:00:14") == [])
        #expect(leave(&outbox, at: "12:00:15").count == 1)
        #expect(outbox.nextTry(after: .at("12:00")) == .at("12:00:15"))
        let again = Parcel(channel: "ops", messages: [message("a", 1)])
        expect(!outbox.delivered(again, .failed("HTTP 429", retryAfter: .seconds(600)), at: .at("12:00:15")))
        #expect(leave(&outbox, at: "12:10:14") == [] && leave(&outbox, at: "12:10:15") == [["b03"]])
        let other = Parcel(channel: "ops", messages: [message("b", 3)])
        expect(outbox.delivered(other, .taken, at: .at("12:10:16")))
        #expect(leave(&outbox, at: "12:10:16") == [["a01"]])
    }

    @Test("A refused message is given up, and the next one goes")
    func refused() {
        var outbox = outbox([message("a", 1), message("a", 2)])
        _ = leave(&outbox)
        expect(
            outbox.delivered(
                Parcel(channel: "ops", messages: [message("a", 1)]), .refused("HTTP 400"), at: .at("12:00")))
        #expect(leave(&outbox) == [["a02"]])
    }

    @Test("A chat gets ten messages a minute, or a digest of what waits")
    func digest() {
        var outbox = outbox((1...3).map { message("a", $0, to: "chat") })
        for number in 1...3 {
            #expect(leave(&outbox, "chat") == [["a0\(number)"]])
            let parcel = Parcel(channel: "chat", messages: [message("a", number, to: "chat")])
            expect(outbox.delivered(parcel, .taken, at: .at("12:00")))
        }
        for number in 4...12 { outbox.add(message("b", number, to: "chat")) }
        outbox.committed(except: [])
        let digest = leave(&outbox, "chat", at: "12:00:30")
        #expect(digest.count == 1 && digest.first?.count == 9, "nine more would be twelve in a minute")
    }

    @Test("A full minute holds even a digest back")
    func fullMinute() {
        var outbox = outbox([])
        for number in 1...10 {
            outbox.add(message("a", number, to: "chat"))
            outbox.committed(except: [])
            #expect(leave(&outbox, "chat").count == 1)
            let parcel = Parcel(channel: "chat", messages: [message("a", number, to: "chat")])
            expect(outbox.delivered(parcel, .taken, at: .at("12:00")))
        }
        for number in 11...13 { outbox.add(message("a", number, to: "chat")) }
        outbox.committed(except: [])
        #expect(leave(&outbox, "chat", at: "12:00:59") == [])
        #expect(leave(&outbox, "chat", at: "12:01") == [["a11"]])
    }

    @Test("What no channel took for a day is given up")
    func patience() {
        var outbox = outbox([message("a", 1), message("a", 2, at: "12:30")])
        _ = leave(&outbox)
        let parcel = Parcel(channel: "ops", messages: [message("a", 1)])
        expect(!outbox.delivered(parcel, .failed("HTTP 500"), at: .at("12:00")))
        let next = Instant.at("12:10").advanced(by: .seconds(86_400))
        #expect(outbox.expired(of: "ops", at: next).count == 1 && outbox["ops"]?.count == 1)
    }

    @Test("A message leaves when the ledger has it, and not if the ledger had its run")
    func durable() {
        var outbox = outbox([])
        outbox.add(message("a", 1))
        outbox.add(message("b", 2))
        #expect(leave(&outbox) == [])
        outbox.committed(except: [RunID(job: "a", fireTime: .at("12:00:01"))])
        #expect(leave(&outbox) == [["b02"]])
    }
}

@Suite("Outbox: in the scheduler")
struct DeliveringTests {
    @Test("A message is sent when it is durable, again after trouble, and again by the next process")
    func sending() throws {
        var telling = try TellingWorld()
        telling.fire(.failed)
        let parcel = Parcel(channel: "ops", messages: telling.world.messages)
        #expect(telling.world.take("deliver") == ["deliver ops: failed a@12:01"])
        telling.world.tell(.delivered(parcel, .failed("HTTP 503")))
        telling.world.tell(.delivered(parcel, .failed("HTTP 503")))
        #expect(telling.world.logged("notify") == 1)
        telling.world.pass(.seconds(4))
        #expect(telling.world.take("deliver") == [])
        telling.world.pass(.seconds(1))
        #expect(telling.world.take("deliver") == ["deliver ops: failed a@12:01"])
        telling.world.restart([], change: TellingWorld.listen)
        #expect(telling.world.take("deliver") == ["deliver ops: failed a@12:01"])
        telling.world.tell(.delivered(parcel, .taken))
        #expect(telling.world.ended.isEmpty, "the ledger hears of it with the next change, or after a second")
        telling.world.pass(.seconds(1))
        #expect(telling.world.ended.count == 1)
        telling.world.restart([], change: TellingWorld.listen)
        #expect(telling.world.take("deliver") == [])
    }

    @Test("Messages of a channel that is not there any more are given up")
    func orphans() throws {
        var telling = try TellingWorld()
        telling.fire(.failed)
        telling.world.restart([])
        #expect(telling.world.ended.count == 0)
        telling.world.pass(.seconds(86_401))
        telling.world.restart([])
        telling.world.pass(.seconds(2))
        #expect(telling.world.ended.count == 1 && telling.world.logged("notify") == 1)
    }

    @Test("The end waits a moment for channels, and no longer", arguments: [true, false])
    func farewell(isTaken: Bool) throws {
        var telling = try TellingWorld()
        telling.fire(.failed)
        let parcel = Parcel(channel: "ops", messages: telling.world.messages)
        telling.world.tell(.terminated(signal: "SIGTERM"))
        #expect(telling.world.ending == nil)
        if isTaken { telling.world.tell(.delivered(parcel, .taken)) } else { telling.world.pass(.seconds(3)) }
        #expect(telling.world.ending?.code == 0 && telling.world.ended.count == (isTaken ? 1 : 0))
    }

    @Test("A sign of life at the start and after each pause")
    func heartbeat() throws {
        var world = World([]) { $0.notify.heartbeat = .seconds(300) }
        #expect(world.take("beat") == ["beat"])
        world.tell(.beaten(.failed("HTTP 404")))
        world.pass(.seconds(299))
        #expect(world.take("beat") == [] && world.logged("notify") == 1)
        world.pass(.seconds(301))
        #expect(world.take("beat") == ["beat", "beat"])
    }

    @Test("A superseded instance tells nothing: its successor sees the same pipelines")
    func superseded() throws {
        let job = try Job.named("a", "@every 10s") { $0.overlap = .allow }
        var world = World.started(
            [job], instances: [.number(50)], at: "12:59:00", change: TellingWorld.listen)
        world.pass(to: "13:00:05")
        world.tell(.posted(.run("a", "13:00"), .success(.number(1))))
        world.instances = [.number(51, created: 3_602)]
        world.pass(to: "13:00:57")
        world.tell(.listed(project: "7", .success(Listing(sightings: [.of(1, .failed)], serverTime: nil))))
        world.pass(.seconds(5))
        world.showFailedJob(of: .run("a", "13:00"))
        #expect(world.rows[.run("a", "13:00")]?.state == .failed && world.messages.isEmpty)
    }

    @Test("The scheduler's own messages go to the standard channels")
    func own() throws {
        var world = World([try .named("a", "@daily")], change: TellingWorld.listen)
        world.tell(.noticed(.reloadRefused, "the job files have errors", subject: "reload@1"))
        #expect(world.take("deliver") == ["deliver ops: reload_refused reload@1"])
    }
}
