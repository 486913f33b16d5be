import TestSupport
import Testing

@testable import Scheduling

@Suite struct OpenRunsTests {
    private static func run(_ number: Int) -> OpenRun {
        OpenRun(run: Run(.run("j\(number)", "12:00"), state: .claimed), job: nil)
    }

    @Test("Whatever comes and goes, the rest is where it was")
    func likeADictionary() {
        var open = OpenRuns()
        var model: [RunID: Int] = [:]
        var random = SplitMix(seed: 7)
        for step in 0..<5_000 {
            let number = Int.random(in: 0..<40, using: &random)
            let id = RunID.run("j\(number)", "12:00")
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                open[id] = nil
                model[id] = nil
            case 1:
                // For a run that is not there, nothing changes.
                open[id]?.failures = step
                if model[id] != nil { model[id] = step }
            default:
                open[id] = Self.run(number)
                open[id]?.failures = step
                model[id] = step
            }
            #expect(open[id]?.failures == model[id])
            #expect(open.count == model.count && open.isEmpty == model.isEmpty)
        }
        #expect(Set(open.keys) == Set(model.keys))
        #expect(open.values.map(\.failures).sorted() == model.values.sorted())
        #expect(open.values.allSatisfy { model[$0.run.id] == $0.failures })
        for id in model.keys { open[id] = nil }
        #expect(open.isEmpty && open.values.isEmpty)
    }

    @Test("What is looked for and not there leaves no place behind")
    func nothing() {
        var open = OpenRuns()
        open[.run("a", "12:00")]?.failures = 1
        #expect(open[.run("a", "12:00")] == nil && open.isEmpty && open.values.isEmpty)
    }
}
