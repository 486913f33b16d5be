import CivilTime
import Testing

@testable import Scheduling

@Suite struct PostQueueTests {
    private let noon = Instant.at("12:00")
    private let lane = Lane.Key(project: "7", ref: "main")
    private let a = RunID.run("a", "12:00")
    private let b = RunID.run("b", "12:00")

    private func queue(maxInFlight: Int = 10) -> PostQueue {
        PostQueue(perMinute: 25, maxInFlight: maxInFlight)
    }

    /// A queue whose claims are durable and may be posted.
    private func ready(_ ids: [RunID], maxInFlight: Int = 10) -> PostQueue {
        var posts = queue(maxInFlight: maxInFlight)
        for id in ids {
            posts.add(id, to: lane, notBefore: nil, at: noon)
            expect(posts.release(from: lane, at: noon) == id)
            posts.commits(id)
        }
        posts.committed(except: [])
        return posts
    }

    @Test("A limit of the token's user pauses the lanes that there are, and those that come")
    func pauseAll() {
        var posts = queue()
        let (other, third) = (Lane.Key(project: "8", ref: "main"), Lane.Key(project: "9", ref: "main"))
        posts.add(a, to: lane, notBefore: nil, at: noon)
        posts.add(b, to: other, notBefore: nil, at: noon)
        posts.pauseAll(until: noon + .seconds(60))
        posts.add(.run("c", "12:00"), to: third, notBefore: nil, at: noon)
        for key in [lane, other, third] {
            expect(posts.release(from: key, at: noon + .seconds(59)) == nil)
            expect(posts.release(from: key, at: noon + .seconds(60)) != nil)
        }
    }

    @Test("A claim is posted once it was written, and not before")
    func order() {
        var posts = queue()
        posts.add(a, to: lane, notBefore: nil, at: noon)
        expect(posts.busyLanes == [lane] && posts.next() == nil)
        expect(posts.release(from: lane, at: noon) == a)
        posts.commits(a)
        expect(posts.isCommitting(a) && posts.next() == nil, "its row is not durable yet")
        posts.committed(except: [])
        expect(!posts.isCommitting(a) && posts.next() == a && posts.next() == nil)
        expect(posts.nextRelease(from: lane, at: noon) == nil && posts.busyLanes.isEmpty)
    }

    @Test("A fire time that the ledger had already is not posted")
    func duplicate() {
        var posts = queue()
        posts.commits(a)
        posts.commits(b)
        posts.committed(except: [a])
        expect(posts.next() == b && posts.next() == nil)
    }

    @Test("As many requests at once as are allowed")
    func inFlight() {
        var posts = ready([a, b], maxInFlight: 1)
        expect(posts.next() == a)
        posts.sent(a, in: lane)
        expect(posts.inFlightCount == 1 && posts.next() == nil)
        expect(posts.answered(a) == lane && posts.answered(a) == nil)
        expect(posts.next() == b)
    }

    @Test("After a POST that did not get through one at a time is tried, until one does")
    func probing() {
        var posts = ready([a])
        let again = posts.failed(lane, at: noon)
        #expect(again > noon && !posts.isOpen(lane, at: noon))
        posts.add(a, to: lane, notBefore: nil, at: noon)
        posts.add(b, to: lane, notBefore: nil, at: noon)
        #expect(posts.waitWords(lane, at: noon) == "waits for GitLab, which did not answer")
        expect(posts.release(from: lane, at: again) == a && posts.release(from: lane, at: again) == nil)
        posts.passed(lane)
        expect(posts.release(from: lane, at: again) == b, "the first one was not posted after all")
        posts.gotThrough(lane)
        #expect(posts.isOpen(lane, at: again))
    }

    @Test("GitLab's wish to wait, and a claim's own not-before, hold up the lane")
    func pauses() {
        var posts = queue()
        posts.add(a, to: lane, notBefore: noon + .seconds(30), at: noon)
        expect(posts.nextRelease(from: lane, at: noon) == noon + .seconds(30))
        posts.gotThrough(lane, pausedUntil: noon + .seconds(60))
        expect(posts.nextRelease(from: lane, at: noon) == noon + .seconds(60))
        #expect(posts.waitWords(lane, at: noon) == "waits until 2026-03-02T12:01:00Z, as GitLab asked")
        posts.clockWasSet(by: .seconds(-10))
        expect(posts.nextRelease(from: lane, at: noon) == noon + .seconds(50))
    }

    @Test("What was let go and not sent can be taken back; what waits in a lane stays there")
    func takeBack() {
        var posts = ready([a])
        posts.commits(b)
        let c = RunID.run("c", "12:00")
        posts.add(c, to: lane, notBefore: nil, at: noon)
        expect(posts.takeBack() == [a, b])
        expect(posts.next() == nil && !posts.isCommitting(b))
        expect(posts.release(from: lane, at: noon) == c)
        posts.add(a, to: lane, notBefore: nil, at: noon)
        posts.remove(a, from: lane)
        expect(posts.release(from: lane, at: noon) == nil)
    }

    @Test("A claim says why it waits")
    func words() {
        var posts = queue()
        #expect(posts.waitWords(lane, at: noon) == nil)
        posts.add(a, to: lane, notBefore: nil, at: noon)
        #expect(posts.waitWords(lane, at: noon) == "waits for the rate limit of 25 pipelines a minute")
    }
}
