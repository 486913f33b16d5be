import Testing

@testable import Orchestrator

@Suite struct AddressSpaceLimitTests {
    @Test("A limit in which threads find no room is told with what to raise, for each number of cores")
    func advice() {
        for cores in [1, 2, 64] {
            let least = AddressSpaceLimit.least(cores: cores)
            let problem = AddressSpaceLimit.problem(limit: UInt64(least) << 20 - 1, cores: cores)
            let words = "limited to \(least - 1) MiB, and orchestrate needs at least \(least) MiB"
            #expect(problem?.contains(words) == true)
            #expect(problem?.contains("`ulimit -v \(least * 1_024)`") == true)
            #expect(AddressSpaceLimit.problem(limit: UInt64(least) << 20, cores: cores) == nil)
            #expect(AddressSpaceLimit.problem(limit: .max, cores: cores) == nil)
        }
    }
}
