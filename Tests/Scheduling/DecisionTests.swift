import Cron
import Testing

@testable import Scheduling

@Suite struct DecisionTests {
    @Test("POSTs are taken out in their order, and the rest stays in its own")
    func posts() throws {
        let job = try Job.named("a", "@hourly")
        func post(_ time: String) -> Effect {
            .post(
                Order(
                    run: .run("a", time), job: job, project: "7", ref: "main", instance: "",
                    sendWithin: .seconds(1)))
        }
        var decision = Decision()
        decision.effects = [
            .log(Notice(.info, "one", "")), post("12:00"), .identify(job: 1), post("13:00"),
            .log(Notice(.info, "two", "")),
        ]
        let times = decision.takePosts().map { effect in
            guard case .post(let order) = effect else { return "no POST" }
            return order.run.fireTime.clock
        }
        #expect(times == ["12:00", "13:00"])
        let rest = decision.effects.map { effect in
            if case .log(let notice) = effect { notice.event } else { "request" }
        }
        #expect(rest == ["one", "request", "two"])
        #expect(decision.takePosts().isEmpty && decision.effects.count == 3)
    }
}
