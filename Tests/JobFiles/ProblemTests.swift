import Testing

@testable import JobFiles

/// Bad files and their problems: `line:column: message | hint`.
@Suite struct ProblemTests {
    @Test(arguments: [
        Case("", "1:1: no job in this file | remove the file; 'enabled: false' switches a job off"),
        Case(
            "# nothing\n", "1:1: no job in this file | remove the file; 'enabled: false' switches a job off"),
        Case(
            Reading.base + "---\n",
            "4:1: no job in this document | remove the document; 'enabled: false' switches a job off"),
        Case("just text", "1:1: a job is a map of keys, not a single value"),
        Case(
            "- scheduler: '@daily'",
            "1:1: a job is a map of keys, not a list | for several jobs in one file, a line with '---' between them"
        ),
        Case(
            "\n{}", "2:1: the key 'scheduler' is missing | scheduler: '0 3 * * *'",
            "2:1: the key 'pipeline_name' is missing | pipeline_name: 'name_of_the_job'"),
        Case(
            "scheduler: '@daily'\nschedule: '@daily'\npipeline_name: job",
            "2:1: both 'scheduler' and 'schedule' are given, the first at 1:1 | keep one of the two: they mean the same"
        ),
        Case(
            "{scheduler: '@daily', pipeline_name: job}}",
            "1:42: something follows the end of the document | a line with '---' between two jobs"),
    ])
    func documents(_ expectation: Case) {
        #expect(Reading.problems(expectation.yaml) == expectation.expected)
    }

    @Test(arguments: [
        Case(
            "schedular: '@daily'\npipelinename: job", "1:1: unknown key 'schedular' | scheduler",
            "2:1: unknown key 'pipelinename' | pipeline_name"),
        Case(
            "cron: '@daily'\nname: job", "1:1: unknown key 'cron' | scheduler",
            "2:1: unknown key 'name' | pipeline_name"),
        Case(key: "Timezone: UTC", "3:1: unknown key 'Timezone' | timezone"),
        Case(key: "tiemuot: 1", "3:1: unknown key 'tiemuot' | timeout"),
        Case(key: "retries: 1", "3:1: unknown key 'retries' | num_retries"),
        Case(
            key: "on: 1",
            "3:1: unknown key 'on' | one of scheduler, schedule, pipeline_name, variables, num_retries, timezone, dst, ref, project, inputs, overlap, catch_up, misfire_grace, jitter, timeout, notify, ping, enabled, description"
        ),
        Case(key: "ref: main\nref: main", "4:1: duplicate key 'ref', first at 3:1 | remove one of the two"),
        Case(
            key: "variables: {A: 1, B: 2, A: 3}",
            "3:25: duplicate key 'A', first at 3:13 | remove one of the two"),
        Case(key: "<<: {ref: main}", "3:1: merge keys ('<<') are not supported | write the keys out"),
        Case(key: "? [a]\n: b", "3:3: a key must be a word, not a list or a map"),
        Case(
            key: "ref: !!str main",
            "3:6: tags such as 'tag:yaml.org,2002:str' are not supported | remove the tag; put text that looks like a number into quotes"
        ),
        Case(
            key: "ref: *main",
            "3:6: unknown alias '*main': no value marked '&main' ends before it | put the value into quotes if it is meant to start with '*'"
        ),
        Case(
            key: "inputs: &i {a: *i}",
            "3:16: unknown alias '*i': no value marked '&i' ends before it | put the value into quotes if it is meant to start with '*'"
        ),
    ])
    func keys(_ expectation: Case) {
        #expect(Reading.problems(expectation.yaml) == expectation.expected)
    }

    @Test(arguments: [
        Case(key: "ref:", "3:5: 'ref' has no value | a value, or no such key"),
        Case(
            key: "ref: ~",
            "3:6: 'ref' has no value | a value, or no such key"),
        Case(key: "ref: ''", "3:6: 'ref' is empty"),
        Case(key: "ref: [main]", "3:6: 'ref' must be a single value, not a list"),
        Case(
            key: "ref: feature branch", "3:13: 'ref' must not contain U+0020 | the name of a branch or a tag"),
        Case(key: "ref: a..b", "3:6: 'a..b' cannot be the name of a branch or a tag"),
        Case(
            key: "project: group",
            "3:10: 'group' is neither a project's number nor its full path | 12345, or group/project"),
        Case(
            key: "project: 0",
            "3:10: '0' is neither a project's number nor its full path | 12345, or group/project"),
        Case(
            key: "project: https://gitlab.com/a/b",
            "3:10: 'https://gitlab.com/a/b' is neither a project's number nor its full path | the path only, such as group/project"
        ),
        Case(
            key: "overlap: queu", "3:10: 'overlap' is 'queu', allowed are skip, queue, allow, cancel | queue"),
        Case(
            key: "catch_up: ~",
            "3:11: 'catch_up' has no value | a value, or no such key"
        ),
        Case(key: "catch_up: 3", "3:11: 'catch_up' is '3', allowed are latest, all, none"),
        Case(key: "num_retries: -1", "3:14: 'num_retries' is '-1', a whole number from 0 to 100 is needed"),
        Case(key: "enabled: maybe", "3:10: 'enabled' is 'maybe', not a boolean | true or false"),
        Case(key: "timeout: 90", "3:12: the unit is missing, one of d h m s | 90s"),
        Case(key: "timeout: 0s", "3:10: 'timeout' is '0s', allowed is 1s to 31d"),
        Case(key: "misfire_grace: 0", "3:16: 'misfire_grace' is '0', allowed is 1s to 365d"),
        Case(key: "jitter: 25h", "3:9: 'jitter' is '25h', allowed is 0s to 1d"),
        Case(key: "description: {a: b}", "3:14: 'description' must be a single value, not a map"),
        Case(key: "description: \"a\\e[0m\"", "3:16: 'description' must not contain U+001B"),
    ])
    func values(_ expectation: Case) {
        #expect(Reading.problems(expectation.yaml) == expectation.expected)
    }

    @Test(arguments: [
        Case(
            "scheduler: '@daily'\npipeline_name: a@b",
            "2:17: 'pipeline_name' must not contain '@' | letters, digits, blanks, and signs other than @ $ % \\"
        ),
        Case(
            "scheduler: '@daily'\npipeline_name: 'it''s $A'",
            "2:23: 'pipeline_name' must not contain '$' | letters, digits, blanks, and signs other than @ $ % \\"
        ),
        Case(
            "scheduler: '@daily'\npipeline_name: \"\\x41\\u00e9%\"",
            "2:27: 'pipeline_name' must not contain '%' | letters, digits, blanks, and signs other than @ $ % \\"
        ),
        Case(
            "scheduler: '@daily'\npipeline_name: \"a\\tb\"", "2:18: 'pipeline_name' must not contain U+0009"),
        Case(
            "scheduler: '@daily'\npipeline_name: a\u{A0}b",
            "2:17: 'pipeline_name' must not contain U+00A0 | letters, digits, blanks, and signs other than @ $ % \\"
        ),
        Case(
            "scheduler: '@daily'\npipeline_name: a\u{202E}b", "2:17: 'pipeline_name' must not contain U+202E"),
        Case(
            "scheduler: '@daily'\npipeline_name: 'job '",
            "2:16: 'pipeline_name' must not begin or end with a blank | 'job'"),
        Case(
            "scheduler: '@daily'\npipeline_name: &n '  '",
            "2:16: 'pipeline_name' must not begin or end with a blank | ''"),
        Case(
            "scheduler: '@daily'\npipeline_name: ",
            "2:15: 'pipeline_name' has no value | a value, or no such key"),
        Case(
            "scheduler: '@daily'\npipeline_name: \(String(repeating: "x", count: 201))",
            "2:16: 'pipeline_name' has 201 characters, at most 200 are allowed"),
    ])
    func names(_ expectation: Case) {
        #expect(Reading.problems(expectation.yaml) == expectation.expected)
    }

    @Test(arguments: [
        Case(
            key: "variables: text",
            "3:12: 'variables' must be a map or a list, not a single value | variables: {NAME: 'value'}"),
        Case(
            key: "variables:",
            "3:11: 'variables' has no value | a value, or no such key"),
        Case(
            key: "variables: {A: }", "3:16: 'A' has no value | '' for an empty text"),
        Case(
            key: "variables: {A: null}",
            "3:16: 'A' has no value | '' for an empty text, 'null' for the word"),
        Case(key: "variables: {A: [1]}", "3:16: 'A' must be a single value, not a list"),
        Case(
            key: "variables: {A: {value: 1}}",
            "3:16: 'A' must be a single value, not a map | for a variable with a type, a list of {key, value, variable_type}"
        ),
        Case(
            key: "variables: {A-B: 1}",
            "3:13: 'A-B' cannot be the name of a variable | letters, digits and '_', no digit first, at most 255 characters"
        ),
        Case(
            key: "variables: {1A: 1}",
            "3:13: '1A' cannot be the name of a variable | letters, digits and '_', no digit first, at most 255 characters"
        ),
        Case(
            key: "variables: {'': 1}",
            "3:13: '' cannot be the name of a variable | letters, digits and '_', no digit first, at most 255 characters"
        ),
        Case(
            key: "variables: {ORCHESTRATE_JOB: 1}",
            "3:13: 'ORCHESTRATE_JOB' is reserved: orchestrate sets the variables named ORCHESTRATE_… | another name"
        ),
        Case(
            key: "variables: {orchestrate_run_id: 1}",
            "3:13: 'orchestrate_run_id' is reserved: orchestrate sets an input of this name itself | another name"
        ),
        Case(
            key: "inputs: {orchestrate_job_name: 1}",
            "3:10: 'orchestrate_job_name' is reserved: orchestrate sets this input itself | another name"
        ),
        Case(
            key: "variables: {level: 1}\ninputs: {level: 2}",
            "4:1: 'level' is in both 'inputs' and 'variables' | keep one of the two: where a project forbids variables, they travel as inputs"
        ),
        Case(key: "variables: {A: \"x\\0y\"}", "3:16: the value of 'A' contains a NUL character"),
        Case(key: "variables: [A]", "3:13: a variable in a list is a map | - {key: NAME, value: 'value'}"),
        Case(
            key: "variables: [{key: A}]",
            "3:13: the key 'value' of a variable is missing | {key: NAME, value: 'value'}"),
        Case(
            key: "variables: [{value: A}]",
            "3:13: the key 'key' of a variable is missing | {key: NAME, value: 'value'}"),
        Case(
            key: "variables: [{key: A, value: }]",
            "3:29: 'value' has no value | '' for an empty text"),
        Case(
            key: "variables: [{key: A, value: 1, type: file}]",
            "3:32: unknown key 'type' in a variable | one of key, value, variable_type"),
        Case(
            key: "variables: [{key: A, value: 1, variable_type: files}]",
            "3:47: 'variable_type' is 'files', allowed are env_var, file | file"),
        Case(
            key: "variables: [{key: A, value: 1}, {key: A, value: 2}]",
            "3:39: duplicate variable 'A', first at 3:19 | remove one of the two"),
        Case(key: "inputs: [1]", "3:9: 'inputs' must be a map | inputs: {name: value}"),
        Case(key: "inputs: {a: }", "3:13: 'a' has no value | '' for an empty text"),
        Case(key: "inputs: {a: {b: 1}}", "3:13: 'a' is a map; inputs are text, numbers, booleans and lists"),
        Case(
            key: "inputs: {a: [[1, {b: 1}]]}",
            "3:18: 'a' is a map; inputs are text, numbers, booleans and lists"),
        Case(key: "inputs: {'': 1}", "3:10: '' cannot be the name of an input"),
    ])
    func variablesAndInputs(_ expectation: Case) {
        #expect(Reading.problems(expectation.yaml) == expectation.expected)
    }

    @Test func duplicatesInALargeMap() {
        let keys = (0..<40).map { "A\($0): 1" } + ["A3: 1", "A39: 2", "A40: 1"]
        let problems = Reading.read(Reading.base + "variables:\n  " + keys.joined(separator: "\n  ")).findings
            .problems
        #expect(
            problems.map(\.message) == [
                "duplicate key 'A3', first at 7:3", "duplicate key 'A39', first at 43:3",
            ])
    }

    @Test func anAnchorEndsWithItsDocument() {
        let problems = Reading.problems(
            Reading.base + "jitter: &a 5m\n---\nscheduler: '@daily'\npipeline_name: *a")
        #expect(problems.map { $0.prefix(27) } == ["6:16: unknown alias '*a': n"])
    }

    @Test func everyProblemAtOnce() {
        let yaml =
            "scheduler: '@dayly'\npipeline_name: a@b\nnum_retries: x\ntimeout: 5\nvariables: {A: , B-: 1}\n"
        #expect(Reading.read(yaml).findings.problems.map { $0.place.position?.line } == [1, 2, 3, 4, 5, 5])
    }

    @Test("A10: GitLab takes twenty inputs")
    func manyInputs() {
        func inputs(_ count: Int) -> String {
            "inputs:\n" + (0..<count).map { "  i\($0): x\n" }.joined()
        }
        #expect(Reading.problems(Reading.base + inputs(20)).isEmpty)
        #expect(
            Reading.problems(Reading.base + inputs(21)) == [
                "3:1: 21 inputs: GitLab takes at most 20 | a list as the value of one of them"
            ])
    }

    @Test func longValuesNeedAFile() {
        let long = String(repeating: "x", count: Limits.environmentBytes - 2)
        #expect(Reading.problems(Reading.base + "variables: {A: \(long.dropFirst())}").isEmpty)
        #expect(
            Reading.problems(Reading.base + "variables: [{key: A, value: \(long), variable_type: file}]")
                .isEmpty)
        #expect(
            Reading.problems(Reading.base + "variables: {A: \(long)}") == [
                "3:16: 'A' is too long for an environment variable: with its name over 128 KiB | - {key: A, variable_type: file, value: ...}"
            ])
    }
}
