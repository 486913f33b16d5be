import GitLab
import Testing
import Text

/// The text that is linted in place of a project's CI file.
@Suite struct LintContentTests {
    @Test(arguments: [
        (nil, "  - local: \".gitlab-ci.yml\"\n"), ("ci/\"a\".yml", "  - local: \"ci/\\\"a\\\".yml\"\n"),
        ("https://host/ci.yml", "  - remote: \"https://host/ci.yml\"\n"),
        ("ci.yml@group/project", "  - project: \"group/project\"\n    file: \"ci.yml\"\n"),
        (
            "ci.yml@group/project:v1",
            "  - project: \"group/project\"\n    file: \"ci.yml\"\n    ref: \"v1\"\n"
        ),
    ])
    func theFileWhereverItIs(_ file: String?, _ lines: String) {
        #expect(LintContent(file: file).yaml == "include:\n" + lines)
    }

    @Test func valuesAreQuoted() {
        let content = LintContent(
            file: nil, inputs: [Input(name: "a: b", value: .text("x\n- y"))],
            variables: [Variable(key: "KEY", value: "#\"'")])
        #expect(
            content.yaml == """
                include:
                  - local: ".gitlab-ci.yml"
                    inputs:
                      "a: b": "x\\n- y"
                variables:
                  KEY: "#\\"'"

                """)
    }
}
