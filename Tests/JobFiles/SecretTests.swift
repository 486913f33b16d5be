import Testing

@testable import JobFiles

/// The values of `variables` and `inputs` may be secret. No problem shows them, even in a badly broken file.
@Suite struct SecretTests {
    @Test(arguments: [
        "variables:\n  A: @s3cret\n", "variables:\n  A: 's3cret\n", "variables:\n  A: *s3cret\n",
        "variables:\n  A: !s3cret x\n", "variables:\n  A: \"\\s s3cret\"\n", "variables:\n  A: b: s3cret\n",
        "variables:\n  A: s3cret\n A: s3cret\n", "variables:\nA: @s3cret\n", "variables:\n\tA: s3cret\n",
        "variables: {A: s3cret\n", "variables: {A: s3cret, A: s3cret}\n",
        "variables: {A: \"s3cret\" s3cret}\n",
        "variables: {A=s3cret}\n", "variables: [A=s3cret]\n", "variables: s3cret\n",
        "'variables': {A: @s3cret}\n",
        "variables:\n- key: A\n  value: @s3cret\n", "variables:\n- {key: A, value s3cret}\n",
        "variables:\n- A=s3cret\n",
        "variables:\n  A: \"----\ns3cret\\z\n----\"\nref: main\n",
        "variables: # one\n\n  # two\n  A: @s3cret\n", "variabels:\n  A: @s3cret\n", "env:\n  A: @s3cret\n",
        "Variables: {A: @s3cret}\n", "inputs:\n  a: @s3cret\n", "inputs: {a: [1, @s3cret]}\n",
        "inputs: s3cret\n",
        "? variables\n: {A: @s3cret}\n", "{ref: main, variables: {A: @s3cret}}\n",
        "# variables:\n#   A: s3cret\u{1}\n",
        "variables:\n  A: s3cret\u{1}\n", "variables:\n  A: [s3cret]\n", "variables:\n  A: {s3cret: 1}\n",
        "variables:\n  ref: @s3cret\n", "variables: &v {A: @s3cret}\n",
        "variables:\n  A: s3cret\n  s3cret x\n  B: c\n",
    ])
    func isNotShown(_ lines: String) {
        for text in [Reading.base + lines, lines + Reading.base] {
            let problems = Reading.read(text).findings.problems
            #expect(!problems.isEmpty)
            for problem in problems { #expect(!problem.description.contains("s3cret"), "\(problem)") }
        }
    }

    @Test func whatIsShownInstead() {
        let text = "ref: main\nvariables:\n  TOKEN: @s3cret # here\n  B: c\noverlap: queu\n"
        let problems = Reading.read(Reading.base + text).findings.problems
        #expect(
            problems.map(\.description) == [
                """
                job.yml:5:10: a value that starts with '@' has to be in quotes
                      TOKEN: [hidden]
                             ^
                  try: quotes around the value
                """
            ])
    }

    @Test(arguments: [
        "variables: {A: b}\noverlap: @queue\n", "variables:\n  A: b\nref: @queue\n", "timezone: @queue\n",
        "variables:\n- key: A\n  value: b\nref: @queue\n", "variables: {A: b}\n---\n# x\nfoo: @queue\n",
    ])
    func theRestIsShown(_ lines: String) {
        let problems = Reading.read(Reading.base + lines).findings.problems
        #expect(problems.contains { $0.excerpt?.text.contains("@queue") == true }, "\(problems)")
    }
}
