import Scheduling
import Testing

@Suite struct PingSlugTests {
    @Test(arguments: [
        ("nightly", "nightly"), ("Nightly report/de: 1+1", "nightly-report-de-1-1"), ("a_b-c", "a_b-c"),
        ("ÄRGER", "rger"), ("a é b", "a-b"), ("(x)", "x"), ("--x--", "x"), (" - a -- b ! ", "a----b"),
        ("зарплата", ""), ("-", ""), ("", ""),
    ])
    func slugs(_ name: String, _ slug: String) {
        #expect(Job.pingSlug(of: name) == slug)
    }
}
