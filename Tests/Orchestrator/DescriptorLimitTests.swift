import Testing

@testable import Orchestrator

@Suite struct DescriptorLimitTests {
    @Test(
        "A limit that the event loops cannot live with is told with what to raise, for each number of cores")
    func advice() {
        for cores in [1, 2, 64] {
            let least = UInt64(DescriptorLimit.least(cores: cores))
            let problem = DescriptorLimit.problem(limit: least - 1, cores: cores)
            #expect(problem?.contains("ulimit -n") == true)
            #expect(
                problem?.contains("\(least - 1)") == true && problem?.contains("at least \(least):") == true)
            #expect(DescriptorLimit.problem(limit: least, cores: cores) == nil)
            #expect(DescriptorLimit.problem(limit: .max, cores: cores) == nil)
        }
    }
}
