import Scheduling
import Synchronization
import TestSupport
import Testing

@testable import Orchestrator

/// Where messages wait for the loop.
@Suite struct InboxTests {
    private func words(_ messages: [Message]) -> [String] {
        messages.map { message in
            switch message {
            case .event: "event"
            case .answer(_, let scheduler): "answer to \(scheduler)"
            case .reload: "reload"
            }
        }
    }

    @Test func whatHasArrivedIsTakenAtOnceAndInOrder() async {
        let inbox = Inbox()
        #expect(inbox.isEmpty && inbox.take().isEmpty)
        for _ in 0..<2 {
            inbox.post(.event(.woke))
            inbox.post(.answer(.woke, to: 3))
            inbox.post(.reload)
            #expect(!inbox.isEmpty)
            #expect(words(await inbox.next()) == ["event", "answer to 3", "reload"])
            #expect(inbox.isEmpty)
        }
        inbox.post(.reload)
        #expect(words(inbox.take()) == ["reload"] && inbox.isEmpty)
    }

    @Test func whoWaitsIsWokenByTheFirstMessage() {
        let (inbox, executor) = (Inbox(), VirtualExecutor())
        let taken = Taken()
        Task(executorPreference: executor) {
            for _ in 0..<2 { taken.add(await inbox.next()) }
        }
        executor.drain()
        #expect(taken.all.isEmpty)
        inbox.post(.reload)
        inbox.post(.event(.woke))
        executor.drain()
        #expect(taken.all.map(words) == [["reload"], ["event"]])
    }

    private final class Taken: Sendable {
        private let state = Mutex<[[Message]]>([])
        var all: [[Message]] { state.withLock { $0 } }

        func add(_ messages: [Message]) { state.withLock { $0.append(messages) } }
    }
}
