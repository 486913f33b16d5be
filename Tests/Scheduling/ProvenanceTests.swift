import CivilTime
import Testing

@testable import Scheduling

@Suite struct ProvenanceTests {
    private let noon = Instant.at("12:00")
    private let ended = Session(instance: 40, endedAt: .at("11:00"))

    private func provenance(
        _ past: Past = Past(), isBlank: Bool = false, isInCI: Bool = true, takesOver: Bool = false
    ) -> Provenance {
        Provenance(past: past, isBlank: isBlank, instance: isInCI ? 50 : nil, takesOver: takesOver, now: noon)
    }

    @Test("Outside CI only an empty or an older ledger may lack POSTs")
    func outsideCI() {
        let latest = provenance(Past(last: ended), isInCI: false)
        #expect(!latest.needsSurvey && !latest.mustLookUp(dueAt: noon))
        let older = provenance(Past(last: ended, isLatest: false), isInCI: false)
        #expect(older.needsSurvey && older.mustLookUp(dueAt: noon))
        #expect(!older.mustLookUp(dueAt: noon + .seconds(1)), "what falls due later is nobody else's")
        var blank = provenance(isBlank: true, isInCI: false)
        #expect(blank.needsSurvey && blank.mustLookUp(dueAt: noon))
        blank.surveyed()
        #expect(!blank.needsSurvey)
        let known = provenance(Past(unknownPostsUntil: .at("11:30")), isInCI: false)
        #expect(known.mustLookUp(dueAt: .at("11:30")) && !known.mustLookUp(dueAt: .at("11:31")))
        #expect(latest.knowsOthers(wasSole: false, settle: .seconds(75), now: noon))
    }

    @Test("When others may have posted last")
    func lastPost() {
        func last(_ provenance: Provenance) -> Instant {
            provenance.lastPostOfOthers(handover: .at("11:59"), now: noon)
        }
        #expect(
            last(provenance(Past(last: ended), isInCI: false)) == .at("11:00"), "the end of the last process")
        #expect(last(provenance(Past(last: ended, isLatest: false), isInCI: false)) == noon)
        #expect(last(provenance(isInCI: false)) == noon, "a process that did not end in order")
        #expect(last(provenance(Past(last: ended))) == .at("11:59:03"), "the handover and its grace")
        #expect(last(provenance(Past(last: ended), takesOver: true)) == noon, "a scheduler of this process")
    }

    @Test("In CI the line of the handover parts the fire times, whatever the clocks say")
    func line() {
        var clock = Clocks()
        _ = clock.heard(noon + .seconds(30), at: noon)
        var provenance = provenance()
        provenance.begin(othersPostedUntil: noon, line: nil, clock)
        #expect(provenance.mustLookUp(dueAt: noon + .seconds(30)), "others compare with GitLab's clock")
        #expect(!provenance.mustLookUp(dueAt: noon + .seconds(31)))
        provenance.begin(othersPostedUntil: noon, line: .at("11:59"), clock)
        #expect(!provenance.mustLookUp(dueAt: .at("11:59")) && provenance.mustLookUp(dueAt: .at("11:58:59")))
        #expect(provenance.othersPostedUntil == noon)
        provenance.clockWasSet(by: .seconds(-600))
        #expect(provenance.othersPostedUntil == .at("11:50"), "it measures time that passes")
        #expect(provenance.mustLookUp(dueAt: .at("11:58:59")), "and this does not")
    }

    @Test("The ledger knows everything where the last process closed it and no other instance ran since")
    func trust() {
        func instance(_ id: Int64, _ status: Instance.Status) -> Instance {
            Instance(id: id, name: "orchestrate", ref: "main", createdAt: .at("09:00"), status: status)
        }
        let own = instance(50, .running)
        let last = instance(40, .over(isSuccess: true, at: .at("11:00")))
        func judged(_ others: [Instance], complete: Bool = true, past: Past? = nil) -> Bool {
            var provenance = provenance(past ?? Past(last: ended))
            let roster = Roster(instances: others, isComplete: complete)
            let isTrusted = provenance.judge(roster, own: own)
            #expect(provenance.needsSurvey == !isTrusted)
            return isTrusted
        }
        #expect(judged([last]))
        #expect(judged([last, instance(30, .over(isSuccess: true, at: .at("10:58:29")))]))
        #expect(
            !judged([last, instance(30, .over(isSuccess: true, at: .at("10:58:31")))]), "it may have lingered"
        )
        #expect(!judged([last, instance(45, .over(isSuccess: true, at: .at("10:00")))]), "a newer one ran")
        #expect(judged([last, instance(45, .idle)]), "one that never had a process")
        #expect(!judged([last], complete: false) && !judged([]))
        #expect(!judged([last], past: Past(last: Session(instance: 40, endedAt: nil))))
        var scheduling = provenance(Past(last: ended))
        _ = scheduling.judge(Roster(instances: [last]), own: own)
        scheduling.scheduled()
        #expect(scheduling.needsSurvey, "what others do from now on is not in this ledger")
    }

    @Test("GitLab is asked once more when it is done with what unknown instances posted")
    func secondLook() {
        var provenance = provenance()
        provenance.begin(othersPostedUntil: noon, line: nil, Clocks())
        let settle = Duration.seconds(75)
        #expect(provenance.secondLook(settle: settle, now: noon) == noon + settle)
        #expect(provenance.secondLook(settle: settle, now: noon + settle) == nil)
        #expect(!provenance.knowsOthers(wasSole: false, settle: settle, now: noon + .seconds(74)))
        #expect(provenance.knowsOthers(wasSole: false, settle: settle, now: noon + settle))
        #expect(provenance.knowsOthers(wasSole: true, settle: settle, now: noon))
        provenance.sawOthers()
        #expect(!provenance.knowsOthers(wasSole: true, settle: settle, now: noon))
    }
}
