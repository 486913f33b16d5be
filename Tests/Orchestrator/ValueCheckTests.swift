import Testing

@testable import Orchestrator

/// The check of the environment's values, before the process touches anything.
@Suite struct ValueCheckTests {
    private static let good = [
        "CI_PIPELINE_TOKEN": "glpat-example", "CI_COMMIT_REF_NAME": "main", "CI_PROJECT_ID": "42",
    ]

    private func problems(
        _ more: [String: String], for purpose: Configuration.Purpose = .schedule
    ) -> [String] {
        let values = Self.good.merging(more) { $1 }
        do throws(ConfigurationError) {
            _ = try Configuration(Environment(values), flags: .init(), for: purpose)
            return []
        } catch {
            return error.problems
        }
    }

    @Test(
        "What stands around a value is told, not trimmed",
        arguments: [
            ("42\r", "CI_PROJECT_ID is “42\\r”, which ends with a carriage return: “42” is needed"),
            ("42\n", "CI_PROJECT_ID is “42\\n”, which ends with a line end: “42” is needed"),
            ("42\r\n", "CI_PROJECT_ID is “42\\r\\n”, which ends with a line end: “42” is needed"),
            ("\t42", "CI_PROJECT_ID is “\\t42”, which begins with a tab: “42” is needed"),
            (" 42", "CI_PROJECT_ID is “ 42”, which begins with a blank: “42” is needed"),
            ("\"42\"", "CI_PROJECT_ID is “\"42\"”, which has quotes around it: “42” is needed"),
            ("'42'", "CI_PROJECT_ID is “'42'”, which has quotes around it: “42” is needed"),
            ("\u{FEFF}42", "CI_PROJECT_ID is “\\u{feff}42”, which begins with U+FEFF: “42” is needed"),
            ("42\u{A0}", "CI_PROJECT_ID is “42\\u{a0}”, which ends with U+A0: “42” is needed"),
            (
                " group/x ",
                "CI_PROJECT_ID is “ group/x ”, which begins with a blank: “group/x” is needed"
            ),
        ])
    func trimmings(value: String, message: String) {
        for purpose in [Configuration.Purpose.schedule, .rehearse, .trigger] {
            #expect(problems(["CI_PROJECT_ID": value], for: purpose) == [message])
        }
    }

    @Test("Each variable is looked at, and named once", arguments: EnvironmentVariable.all)
    func eachVariable(_ variable: EnvironmentVariable) {
        for value in ["value\r", " value", "\"value\""] {
            let found = problems([variable.name: value])
            #expect(found.count { $0.hasPrefix(variable.name + " ") } == 1, "\(found)")
        }
    }

    @Test("Of a secret only its trimmings are told")
    func secrets() {
        #expect(
            problems(["CI_PIPELINE_TOKEN": "hunter2\n"])
                == ["CI_PIPELINE_TOKEN ends with a line end: the value alone is needed"])
        #expect(
            problems(["HTTPS_PROXY": "http://me:hunter2@proxy\r"])
                == ["HTTPS_PROXY ends with a carriage return: the value alone is needed"])
        #expect(
            problems(["CI_PROJECT_ID": "glpat-0123456789abcdef"])
                == [
                    "CI_PROJECT_ID is “(hidden)”: a project's number or its full path is needed, such as 12345 or "
                        + "group/project"
                ])
    }

    @Test(
        "The rules for the project are those of job files",
        arguments: [
            "group", "0", "042", "group/", "/group/x", "group//x", "-a/b", "$CI_PROJECT_ID", "group/x y",
            "https://gitlab.com/a/b", "99999999999999999999",
        ])
    func projects(_ project: String) {
        let found = problems(["CI_PROJECT_ID": project])
        #expect(found.count == 1 && found[0].contains("a project's number or its full path is needed"))
    }

    @Test(arguments: ["a b", "a..b", "-a", "/a", "a:b", "a\u{7}b", String(repeating: "x", count: 256)])
    func `the rules for the ref are those of job files`(_ ref: String) {
        let found = problems(["CI_COMMIT_REF_NAME": ref])
        #expect(found.count == 1 && found[0].hasSuffix(": the name of a branch or a tag is needed"))
    }

    @Test func goodNamesAreTaken() {
        for project in ["42", "group/x", "a/b.c/d-e_f"] {
            #expect(problems(["CI_PROJECT_ID": project]) == [])
        }
        for ref in ["main", "release/1.x", "ü", "v1.0"] {
            #expect(problems(["CI_COMMIT_REF_NAME": ref]) == [])
        }
    }

    @Test func aTimeZoneIsLookedUp() {
        #expect(
            problems(["ORCHESTRATE_TIMEZONE": "Berlin"])
                == ["ORCHESTRATE_TIMEZONE: unknown time zone 'Berlin'; try: Europe/Berlin"])
    }

    @Test(
        "The address of the API ends in /api/v4",
        arguments: [
            ("https://gitlab.example.com", "it should be https://gitlab.example.com/api/v4"),
            ("https://gitlab.example.com:8443/", "it should be https://gitlab.example.com:8443/api/v4"),
            ("https://GitLab.com/group/x", "it should be https://GitLab.com/api/v4"),
            (
                "https://host/git",
                "it should be the address of your GitLab with /api/v4 appended: https://host/…/api/v4"
            ),
            (
                "https://host/api/v3",
                "it should be the address of your GitLab with /api/v4 appended: https://host/…/api/v4"
            ),
        ])
    func api(address: String, advice: String) {
        #expect(
            problems(["CI_API_V4_URL": address]) == ["CI_API_V4_URL: does not end in /api/v4; \(advice)"])
    }

    @Test func anAddressThatIsNoneIsToldWithTheRest() {
        let found = problems(["CI_API_V4_URL": "gitlab", "CI_PROJECT_ID": "x"])
        #expect(found.count == 2 && found[1].hasPrefix("CI_API_V4_URL: does not begin with https://"))
        for address in ["https://host/git/api/v4", "https://host/api/v4/"] {
            #expect(problems(["CI_API_V4_URL": address]) == [])
        }
    }

    @Test(
        "A token that is sent in clear is a warning",
        arguments: [
            ("http://gitlab.example.com/api/v4", true), ("https://gitlab.example.com/api/v4", false),
            ("http://127.0.0.1:8080/api/v4", false), ("http://127.1.2.3/api/v4", false),
            ("http://LOCALHOST/api/v4", false), ("http://[::1]/api/v4", false),
            ("http://127.0.0.1.example.com/api/v4", true), ("http://127.example.com.x/api/v4", true),
            ("http://128.0.0.1/api/v4", true), ("http://127.0.0.999/api/v4", true),
            ("http://localhost.example.com/api/v4", true), ("gitlab", false),
        ])
    func clear(address: String, isWarned: Bool) {
        let warnings = Environment(["CI_API_V4_URL": address]).warnings
        #expect(warnings.count == (isWarned ? 1 : 0))
        let words = "CI_API_V4_URL begins with http://: the token travels unencrypted"
        #expect(warnings.allSatisfy { $0.hasPrefix(words) })
    }
}
