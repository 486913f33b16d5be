import Foundation
import Testing

/// What the commands print about an environment that holds secrets.
@Suite struct SecretTests {
    let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    @Test func anySecretStaysHidden() throws {
        let environment = [
            "CI_PIPELINE_TOKEN": "glpat-0123456789",
            "CI_API_V4_URL": "https://me:hunter2@host/api/v4?private_token=x7",
            "HTTPS_PROXY": "http://me:hunter2@proxy:3128", "HTTP_PROXY": "hunter2@proxy:3128",
        ]
        for arguments in [
            ["env"], ["env", "--json"], ["doctor", "--offline"], ["doctor", "--offline", "--json"],
            ["status"], ["check"], ["next"],
        ] {
            let outcome = try sandbox.run(arguments, environment: environment)
            for secret in ["glpat", "hunter2", "x7"] {
                #expect(!(outcome.out + outcome.error).contains(secret), "\(arguments)")
            }
        }
    }

    struct Address: CustomTestStringConvertible {
        var text: String
        var shown: String
        var testDescription: String { text }
    }

    /// The commands show no user, no password and no query, even if the operator put an @, a ? or a # in the wrong
    /// place.
    @Test(arguments: [
        Address(text: "http://proxy:3128", shown: "http://proxy:3128"),
        Address(text: "proxy:3128", shown: "proxy:3128"),
        Address(text: "http://me:p@ss@proxy", shown: "http://…@proxy"),
        Address(text: "http://me:p@s@s@proxy:3128", shown: "http://…@proxy:3128"),
        Address(text: "me:p@ss@proxy", shown: "…@proxy"),
        Address(text: "http://p@proxy", shown: "http://…@proxy"),
        Address(text: "p@ss@proxy", shown: "…@proxy"),
        Address(text: "http://me:p/ss@proxy", shown: "http://…@proxy"),
        Address(text: "http://me:p?ss@proxy", shown: "http://…"),
        Address(text: "http://me:p#ss@proxy", shown: "http://…"),
        Address(text: "me:p?ss@proxy", shown: "…"),
        Address(text: "me:p://ss@proxy", shown: "…@proxy"),
        Address(text: "http://proxy/?token=p@ss", shown: "http://…"),
        Address(text: "http://proxy/?token=pss", shown: "http://proxy/?…"),
        Address(text: "http://proxy/#pss", shown: "http://proxy/#…"),
        Address(text: "http://me:pss", shown: "http://…"),
        Address(text: "me:pss", shown: "…"),
        Address(text: "http://me:pss%40proxy:3128", shown: "http://…"),
        Address(text: "http://pss%40proxy:3128", shown: "http://…"),
        Address(text: "http://me:pss proxy", shown: "http://…"),
        Address(text: "http//me:pss/x", shown: "http/…"),
        Address(text: "http:/me:pss", shown: "…"),
        Address(text: "proxy:3128,me:pss", shown: "…"),
        Address(text: "pss://proxy:3128", shown: "…"),
        Address(text: "http://proxy/pss", shown: "http://proxy/…"),
        Address(text: "https://[::1]:8080/", shown: "https://[::1]:8080/"),
        Address(text: "HTTP://proxy:0", shown: "HTTP://…"),
    ])
    func anAddressIsShownWithoutWhoAndWhatFor(_ address: Address) throws {
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "CI_API_V4_URL"] {
            let list = try sandbox.run(["env", "--json"], environment: [name: address.text]).list()
            let entry = try #require(list.first { $0["name"] as? String == name })
            #expect(entry["value"] as? String == address.shown && entry["state"] as? String == "set")
        }
    }

    @Test func theAPIsPathIsShownWhereItIsTheUsualOne() throws {
        for (path, shown) in [
            ("/git/api/v4", "/git/api/v4"), ("/api/v4/pss", "/…"), ("/api/v4?pss", "/api/v4?…"),
        ] {
            let list = try sandbox.run(
                ["env", "--json"], environment: ["CI_API_V4_URL": "https://host" + path]
            ).list()
            let entry = try #require(list.first { $0["name"] as? String == "CI_API_V4_URL" })
            #expect(entry["value"] as? String == "https://host" + shown)
        }
    }

    /// The operator may put the token itself in place of its file's name, and addresses into other variables.
    @Test(arguments: [
        ("CI_PIPELINE_TOKEN_FILE", "glpat-hunter2"), ("ORCHESTRATE_DB", "postgres://me:hunter2@host/db"),
        ("CI_PROJECT_ID", "me:hunter2@host"), ("NO_PROXY", "http://me:hunter2"),
    ])
    func otherVariablesShowNoneEither(_ name: String, _ value: String) throws {
        for arguments in [["env"], ["env", "--json"]] {
            let outcome = try sandbox.run(arguments, environment: [name: value])
            #expect(outcome.code == 0 && !(outcome.out + outcome.error).contains("hunter2"), "\(outcome.out)")
        }
    }

    @Test func aStartTimeIsNoAddress() throws {
        let environment = [
            "CI_JOB_STARTED_AT": "2026-03-08T02:30:00Z", "CI_PIPELINE_TOKEN_FILE": "/run/token",
        ]
        let out = try sandbox.run(["env"], environment: environment).out
        #expect(out.contains("2026-03-08T02:30:00Z") && out.contains("/run/token"))
    }

    @Test(arguments: ["http_proxy", "https_proxy"])
    func namesInLowerCaseShowNothingEither(_ name: String) throws {
        for arguments in [["env"], ["env", "--json"]] {
            let outcome = try sandbox.run(arguments, environment: [name: "http://me:qz@jx@proxy"])
            for secret in ["me:", "qz", "jx"] { #expect(!outcome.out.contains(secret)) }
        }
    }

    /// The verdict below the table names what is wrong, but shows no secret.
    @Test(arguments: ["HTTP_PROXY", "HTTPS_PROXY", "CI_API_V4_URL"])
    func theVerdictShowsNothing(_ name: String) throws {
        let needed = [
            "MELT_JOBS_HOME": "jobs", "CI_PIPELINE_TOKEN": "t", "CI_COMMIT_REF_NAME": "main",
            "CI_PROJECT_ID": "7", "CI_JOB_ID": "",
        ]
        for text in ["http://me:qz@jx@[proxy", "me:qz?jx@proxy", "qz@jx@proxy", "ftp://me:qz#jx@proxy"] {
            let environment = needed.merging([name: text]) { $1 }
            let outcome = try sandbox.run(["env"], environment: environment)
            for secret in ["me:", "qz", "jx"] { #expect(!outcome.out.contains(secret), "\(outcome.out)") }
        }
    }
}
