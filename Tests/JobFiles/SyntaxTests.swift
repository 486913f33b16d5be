import Testing

@testable import JobFiles

/// Text that is not YAML, and unreasonable YAML.
@Suite struct SyntaxTests {
    private static let indentation = "look at the indentation, and at the quotes before this place"
    private static let colon =
        "quotes around a value with ': ' in it; else look at the indentation and the line above"

    @Test(arguments: [
        Case("scheduler: * * * * *", "1:12: a value that starts with '*' has to be in quotes | '* * * * *'"),
        Case(
            "scheduler: */5 1 * * * # often",
            "1:12: a value that starts with '*' has to be in quotes | '*/5 1 * * *'"),
        Case("scheduler: @daily", "1:12: a value that starts with '@' has to be in quotes | '@daily'"),
        Case("a: & b", "1:4: a value that starts with '&' has to be in quotes | '& b'"),
        Case("a: %b", "1:4: a value that starts with '%' has to be in quotes | '%b'"),
        Case("a: `b 'c'`", "1:4: a value that starts with '`' has to be in quotes | quotes around the value"),
        Case("a: ]", "1:4: a value that starts with ']' has to be in quotes | ']'"),
        Case("a:\n\tb: 1", "2:1: a tab cannot be used to indent | use spaces"),
        Case("a:\n  b: 1\n\tc: 2", "3:1: a tab cannot be used to indent | use spaces"),
        Case("a: 'b\nc: 1\n", "1:4: this quote is never closed"),
        Case("a: \"b\n---\nc: 1\n", "1:4: this quote is never closed"),
        Case(
            "a: \"\\d\"",
            "1:5: '\\d' means nothing in double quotes | single quotes, or '\\\\' for a backslash"),
        Case("a: b: c", "1:5: a ':' is not expected here | \(colon)"),
        Case("a: 1\n  b: 2", "2:4: a ':' is not expected here | \(colon)"),
        Case("a: 1\nb\nc: 2", "2:1: this is neither 'key: value' nor the continuation of a value"),
        Case(
            "a:\n  b: 2\n c: 3", "3:2: a key of the map that begins at 1:1 is expected here | \(indentation)"),
        Case("a: 'it's'", "1:8: a key of the map that begins at 1:1 is expected here | \(indentation)"),
        Case("- a\nb: 1", "2:1: an item ('- ...') of the list that begins at 1:1 is expected here"),
        Case("a: [1, 2\nb: 3", "2:2: ',' or ']' is expected here, for what begins at 1:4"),
        Case("a: {b: 2\nc: 3", "2:2: ',' or '}' is expected here, for what begins at 1:4"),
        Case(
            "a: - b",
            "1:4: a list item ('- ...') is not expected here | begin the list on a line of its own, or put the value into quotes"
        ),
        Case(
            "a: 1\n<<<<<<< HEAD\nb: 1\n", "2:1: this is a marker of a merge conflict | resolve the conflict"),
        Case(
            "<<<<<<< HEAD\na: 1\n=======\n",
            "1:1: this is a marker of a merge conflict | resolve the conflict"),
        Case("%YAML 2.0\n---\na: 1", "1:1: this is not YAML: found incompatible YAML document"),
        Case(
            "a: >5x\n",
            "1:6: this is not YAML: while scanning a block scalar: did not find expected comment or line break"
        ),
        Case("é: ü\nb: \u{7}", "2:4: the control character U+0007 is not allowed"),
        Case("a: \0", "1:4: the control character U+0000 is not allowed"),
    ])
    func messages(_ expectation: Case) {
        #expect(Reading.problems(expectation.yaml) == expectation.expected)
    }

    @Test(
        arguments: [
            ([0x61, 0x3A, 0x20, 0xFF], "1:4: this is not UTF-8 (invalid leading UTF-8 octet)"),
            (
                [0xC3, 0xA9, 0x0A, 0xC3, 0xA9, 0xC3, 0x28],
                "2:2: this is not UTF-8 (invalid trailing UTF-8 octet)"
            ),
            ([0x0D, 0x0A, 0x61, 0xE2, 0x82], "2:2: this is not UTF-8 (incomplete UTF-8 octet sequence)"),
            ([0xEF, 0xBB, 0xBF, 0x80], "1:1: this is not UTF-8 (invalid leading UTF-8 octet)"),
            ([0xED, 0xA0, 0x80], "1:1: this is not UTF-8 (invalid Unicode character)"),
            ([0xC0, 0x80], "1:1: this is not UTF-8 (invalid length of a UTF-8 sequence)"),
            ([0xFF, 0xFE, 0x61, 0x00], "1:1: the file is UTF-16"),
        ] as [([UInt8], String)])
    func badEncodings(_ bytes: [UInt8], _ expected: String) throws {
        let problems = Reading.files.read(bytes, file: "job.yml").findings.problems
        #expect(
            problems.map {
                "\($0.place.position?.line ?? 0):\($0.place.position?.column ?? 0): \($0.message)"
            } == [expected])
        #expect(problems.map(\.hint) == ["save the file as UTF-8"])
    }

    /// Ten lists of ten aliases each, on nine levels: 10^9 values.
    @Test func anAliasBombIsRefused() throws {
        let levels = (1...9).map {
            "a\($0): &a\($0) [\(Array(repeating: "*a\($0 - 1)", count: 10).joined(separator: ", "))]\n"
        }
        let problems = Reading.read("a0: &a0 lol\n" + levels.joined()).findings.problems
        #expect(
            problems.map(\.message).contains(
                "with its aliases written out the file would be larger than 1048576 bytes"))
    }

    @Test func manyLongCopiesAreRefusedToo() {
        let text = String(repeating: "x", count: 300_000)
        #expect(Reading.read("a: &a \(text)\nb: [*a, *a, *a]").findings.problems.count == 4)
        let messages = Reading.read("a: &a \(text)\nb: [*a, *a, *a, *a]").findings.problems.map(\.message)
        #expect(messages == ["with its aliases written out the file would be larger than 1048576 bytes"])
    }

    @Test(arguments: ["[", "{a: ", "- ", "? ", "a: [", "&a [*a, "])
    func deepNestingIsRefused(_ opening: String) {
        let problems = Reading.problems(String(repeating: opening, count: 20_000))
        #expect(problems.last?.contains("lists and maps are nested more than 32 deep") == true)
    }

    @Test func aliasesDoNotHideDepth() {
        let nest = { (inner: String) in
            String(repeating: "[", count: 20) + inner + String(repeating: "]", count: 20)
        }
        let problems = Reading.problems("a: &a \(nest("1"))\nb: &b \(nest("*a"))\n")
        #expect(problems == ["2:27: lists and maps are nested more than 32 deep"])
    }

    @Test func aFileTellsOnlySoManyProblems() {
        let file = Reading.read(
            Reading.base + String(repeating: "---\nx: 1\n", count: 1000) + "---\n" + Reading.base)
        #expect(file.findings.problems.count == Limits.problemsPerFile + 1)
        #expect(
            file.findings.problems.last?.message
                == "too many problems; what comes after the first 100 is not read")
        #expect(file.declarations.count == 1 && file.declarations.first?.job != nil)
    }

    /// Even if only some of a document's problems fit the limit, it gives no job.
    @Test(arguments: 95...101)
    func aDocumentAtTheLimit(_ before: Int) {
        let keys = (0..<before).map { "x\($0): 1\n" }.joined()
        let file = Reading.read("\(keys)---\n\(Reading.base)y: 1\n")
        #expect(file.declarations.allSatisfy { $0.job == nil })
        #expect(file.findings.problems.count == (before + 3 < 100 ? before + 3 : 101))
    }

    @Test func messagesAreShortWhateverTheFile() {
        let long = String(repeating: "9", count: 100_000)
        let problems = Reading.read(
            "? \(long)\n: 1\nscheduler: \(long)\njitter: \(long)\npipeline_name: '@\(long)'"
        ).findings.problems
        #expect(problems.count == 4)
        #expect(problems.allSatisfy { $0.description.count < 1000 })
    }
}
