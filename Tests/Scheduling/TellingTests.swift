import CivilTime
import TestSupport
import Testing

@testable import Scheduling

@Suite("Telling: what is told, and how often")
struct TellingTests {
    @Test("A failure is told once, then its recovery")
    func incident() throws {
        var telling = try TellingWorld()
        for end in [.good, .failed, .failed, .failed, .good, .good, .failed] as [TellingWorld.End] {
            telling.fire(end)
        }
        #expect(telling.told == ["failed a@12:02", "recovered a@12:05", "failed a@12:07"])
        let text = telling.world.messages.map(\.text)
        #expect(text[0].hasPrefix("a failed, fire time 2026-03-02T12:02:00Z: "))
        #expect(text[1] == "a works again, fire time 2026-03-02T12:05:00Z, after 3 bad runs")
        #expect(telling.world.messages[0].url == "https://gitlab.test/p/102")
        #expect(
            telling.world.messages[0].data.contains(#""run_id":"a@2026-03-02T12:02:00Z","state":"failed""#))
    }

    @Test("A person's cancellation is neither good nor bad")
    func canceled() throws {
        var telling = try TellingWorld()
        for end in [.canceled, .failed, .canceled, .good] as [TellingWorld.End] { telling.fire(end) }
        #expect(telling.told == ["failed a@12:02", "recovered a@12:04"])
    }

    @Test("What goes wrong in another way is told at once")
    func kinds() throws {
        var telling = try TellingWorld()
        for end in [.failed, .refused, .refused, .failed] as [TellingWorld.End] { telling.fire(end) }
        #expect(telling.told == ["failed a@12:01", "refused a@12:02", "failed a@12:04"])
    }

    @Test("after_failures: the first that is told is that bad run in a row, and less needs no recovery")
    func patience() throws {
        var telling = try TellingWorld { $0.notify = .to("ops") { $0.afterFailures = 2 } }
        for end in [.failed, .good, .failed, .refused, .failed, .good] as [TellingWorld.End] {
            telling.fire(end)
        }
        #expect(telling.told == ["refused a@12:04", "failed a@12:05", "recovered a@12:06"])
    }

    @Test("repeat: a job that stays bad is told again")
    func reminder() throws {
        var telling = try TellingWorld { $0.notify = .to("ops") { $0.repeatAfter = .seconds(150) } }
        for _ in 0..<7 { telling.fire(.failed) }
        #expect(telling.told == ["failed a@12:01", "failed a@12:04", "failed a@12:07"])
    }

    @Test("A job tells only what its map names, and `none` silences it")
    func policies() throws {
        var telling = try TellingWorld { $0.notify = NotifyPolicy(channels: [.recovered: ["ops"]]) }
        for end in [.failed, .good] as [TellingWorld.End] { telling.fire(end) }
        #expect(telling.told == [], "there was nothing told to recover from")
        telling = try TellingWorld { $0.notify = .silent }
        for end in [.failed, .good] as [TellingWorld.End] { telling.fire(end) }
        #expect(telling.told == [])
        telling = try TellingWorld {
            $0.notify = NotifyPolicy(channels: [.failed: ["ops", "pager", "gone", "hc"]])
        }
        telling.fire(.failed)
        #expect(telling.world.messages.map(\.channel) == ["ops", "pager"])
    }

    @Test("A pipeline that waits for a person is told once")
    func blocked() throws {
        var telling = try TellingWorld()
        telling.world.pass(.seconds(60))
        telling.world.tell(.posted(.run("a", "12:01"), .success(.number(100))))
        telling.show(.blocked)
        telling.show(.blocked)
        #expect(telling.told == ["blocked a@12:01"])
    }

    @Test("late: a run without a pipeline when the time is over, and no other", arguments: [true, false])
    func late(isLate: Bool) throws {
        var telling = try TellingWorld {
            $0.notify = NotifyPolicy(channels: [.late: ["ops"]])
            $0.notify?.lateAfter = .seconds(50)
        }
        telling.world.pass(.seconds(60))
        if !isLate { telling.world.tell(.posted(.run("a", "12:01"), .success(.number(1)))) }
        telling.world.pass(.seconds(49))
        #expect(telling.told == [])
        telling.world.pass(.seconds(1))
        #expect(telling.told == (isLate ? ["late a@12:01"] : []))
    }

    @Test("Fire times that are missed together are one message; what was meant to be skipped is none")
    func missed() throws {
        let job = try Job.named("a", "0 * * * *") { $0.misfireGrace = .seconds(60) }
        let paused = try Job.named("b", "0 * * * *") { $0.isEnabled = false }
        let world = World(
            [job, paused], at: "12:30", covered: ["a": .at("08:30"), "b": .at("08:30")],
            change: TellingWorld.listen)
        let message = try #require(world.messages.first)
        #expect(
            world.messages.count == 1 && message.kind == .missed
                && message.subject == "a@2026-03-02T12:00:00Z")
        #expect(
            message.text.hasPrefix("a did not run at 4 fire times, the last 2026-03-02T12:00:00Z: misfire: "))
        #expect(message.data.hasSuffix(#""count":4}"#))
    }

    @Test("A claim that waited too long in its lane is missed, too")
    func missedInTheLane() throws {
        let job = try Job.named("a", "0 13 * * *") { $0.misfireGrace = .seconds(60) }
        var world = World([job], change: TellingWorld.listen)
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .failure(.limited("busy", retryAfter: .seconds(300)))))
        world.pass(.seconds(600))
        #expect(world.rows[.run("a", "13:00")]?.state == .skipped)
        #expect(world.messages.map(\.kind) == [.missed] && world.messages[0].text.contains("misfire: "))
    }

    @Test("What an instance sees that its successor waits for is told: the successor begins with this ledger")
    func waitingSuccessor() throws {
        let job = try Job.named("a", "0 13 * * *")
        var world = World.started(
            [job], instances: [.number(50)], at: "12:59:00", change: TellingWorld.listen)
        world.pass(to: "13:00")
        world.instances = [.number(51, created: 3_602, running: false)]
        world.pass(.seconds(11))
        world.tell(.posted(.run("a", "13:00"), .failure(.refused("no job matches"))))
        #expect(world.rows[.run("a", "13:00")]?.state == .refused && world.messages.map(\.kind) == [.refused])
    }

    @Test("A late run is told once, whatever the number of restarts")
    func lateOnce() throws {
        let job = try Job.named("a", "0 13 * * *") {
            $0.notify = NotifyPolicy(channels: [.late: ["ops"]])
            $0.notify?.lateAfter = .seconds(50)
        }
        var world = World([job], change: TellingWorld.listen)
        world.pass(to: "13:01")
        let told = world.take("deliver")
        #expect(told == ["deliver ops: late a@13:00"])
        world.tell(.delivered(Parcel(channel: "ops", messages: world.messages), .taken))
        world.pass(.seconds(2))
        for _ in 0..<3 {
            world.restart([job], change: TellingWorld.listen)
            world.pass(.seconds(5))
        }
        #expect(world.take("deliver") == [] && world.messages.count == 1)
    }

    @Test("A restart repeats nothing, and still tells of the recovery")
    func restart() throws {
        var telling = try TellingWorld()
        telling.fire(.failed)
        let job = try Job.named("a", "* * * * *") { $0.overlap = .allow }
        telling.world.restart([job], change: TellingWorld.listen)
        for end in [.failed, .good] as [TellingWorld.End] { telling.fire(end) }
        #expect(telling.told == ["failed a@12:01", "recovered a@12:03"])
    }

    @Test("Pings: when a run begins, is retried, and ends")
    func pings() throws {
        var telling = try TellingWorld {
            $0.notify = .silent
            $0.ping = "hc"
        }
        for end in [.good, .failed, .refused, .canceled] as [TellingWorld.End] { telling.fire(end) }
        #expect(
            telling.told == [
                "start a@12:01", "success a@12:01", "start a@12:02", "fail a@12:02", "fail a@12:03",
                "start a@12:04",
                "fail a@12:04",
            ])
    }

    @Test("What a reading of GitLab finds is told for the newest run of a job, if the ledger did not have it")
    func found() throws {
        for (known, expected) in [([], ["failed a@11:50"]), ([RunID.run("a", "11:50")], [])]
            as [([RunID], [String])]
        {
            let runs = ["11:30", "11:50"].enumerated().map { place, time in
                var sighting = Sighting.of(Int64(place + 1), .failed, run: .run("a", time))
                sighting.changedAt = .at(time)
                return sighting
            }
            let survey = Dictionary(grouping: runs) { $0.run ?? .run("a", "00:00") }
            var telling = World(
                [try .named("a", "*/10 * * * *")], covered: ["a": .at("11:20")], survey: survey,
                past: Past(isLatest: false), duplicates: Set(known), change: TellingWorld.listen)
            telling.pass(.seconds(5))
            let failed = telling.messages.filter { $0.kind == .failed }
            #expect(
                failed.map { Parcel(channel: "", messages: [$0]).line } == expected.map { ": \($0)" })
        }
    }

    @Test("The messages are a function of the outcomes", arguments: Seeds.first(20))
    func model(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let (least, pause) = (random.int(1...3), random.int(60...400))
        var telling = try TellingWorld {
            $0.notify = .to("ops") {
                $0.afterFailures = Int(least)
                $0.repeatAfter = .seconds(pause)
            }
        }
        var expected: [String] = []
        var (bad, last, lastAt): (Int64, String, Int64) = (0, "", 0)
        for minute in 1...30 {
            let end = random.pick(TellingWorld.End.allCases, else: .good)
            telling.fire(end)
            let run = "a@\(Instant.at("12:00").advanced(by: .seconds(minute * 60)).clock)"
            // A failure is seen five seconds after the others.
            let now = telling.world.now.microseconds
            switch end {
            case .canceled: continue
            case .good:
                if last != "" { expected.append("recovered \(run)") }
                (bad, last) = (0, "")
            case .failed, .refused:
                bad += 1
                let isOld = last == "\(end)" && now - lastAt < pause * 950_000
                guard bad >= least, !isOld else { continue }
                expected.append("\(end) \(run)")
                (last, lastAt) = ("\(end)", now)
            }
        }
        #expect(telling.told == expected)
    }
}

extension NotifyPolicy {
    fileprivate static func to(_ channel: String, _ change: (inout NotifyPolicy) -> Void) -> NotifyPolicy {
        var policy = NotifyPolicy(to: [channel])
        change(&policy)
        return policy
    }
}
