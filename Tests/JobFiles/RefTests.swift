import Testing

@testable import JobFiles

/// What git accepts as the name of a branch or a tag (`git check-ref-format`).
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

    @Test("What a job file takes the environment takes, and nothing else")
    func rulesAreShared() {
        let refs = [
            "main", "a@b", "a b", "a..b", "a@{b", "a//b", "/a", "a/", "-a", "a.", "a~b", "a\u{7}b", "",
            String(repeating: "x", count: 255), String(repeating: "x", count: 256),
        ]
        for ref in refs {
            let yaml = "ref: \"\(ref.replacing("\u{7}", with: "\\a"))\"\n"
            #expect(ref.isRef == Reading.problems(Reading.base + yaml).isEmpty, "\(ref)")
        }
        for project in ["1", "a/b", "a/b/c.d", "0", "01", "a", "a/", "/a/b", "-a/b", "a/..", "a b/c"] {
            let found = Reading.problems(Reading.base + "project: '\(project)'\n")
            #expect(project.isProject == found.isEmpty, "\(project)")
        }
    }
}
