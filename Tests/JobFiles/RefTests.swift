import Testing

@testable import JobFiles

/// What git takes for the name of a branch or a tag (`git check-ref-format`).
@Suite struct RefTests {
    private func problems(_ ref: String) -> [String] {
        Reading.read(Reading.base + "ref: '\(ref)'\n").findings.problems.map(\.message)
    }

    @Test(arguments: Array(" ~^:?*[\\"))
    func someCharactersAreRefused(_ character: Character) {
        let name = character == " " ? "U+0020" : "'\(character)'"
        #expect(problems("a\(character)b") == ["'ref' must not contain \(name)"])
    }

    @Test(arguments: ["a..b", "a@{b", "a//b", "/a", "a/", "-a", "a."])
    func someShapesAreRefused(_ ref: String) {
        #expect(problems(ref) == ["'\(ref)' cannot be the name of a branch or a tag"])
    }

    @Test(arguments: ["main", "release/1.x", "a@b", "a{b", "v1.0-rc.1", "a-", "@", "ü"])
    func othersAreTaken(_ ref: String) {
        #expect(problems(ref) == [])
    }
}
