import Testing

/// Marks a test that shows a fault nobody has mended yet: it fails as soon as the fault is gone, so that the
/// mark is taken away then.
struct KnownIssue: TestTrait, TestScoping {
    let comment: Comment
    let isIntermittent: Bool

    func provideScope(
        for test: Test, testCase: Test.Case?, performing body: @Sendable () async throws -> Void
    ) async throws {
        await withKnownIssue(comment, isIntermittent: isIntermittent) { try await body() }
    }
}

extension Trait where Self == KnownIssue {
    static func known(_ comment: Comment, inSomeCases: Bool = false) -> KnownIssue {
        KnownIssue(comment: comment, isIntermittent: inSomeCases)
    }
}
