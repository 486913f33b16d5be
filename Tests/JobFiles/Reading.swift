import CivilTime
import Scheduling
import Testing

@testable import JobFiles

/// Reads texts as job files, without a file.
enum Reading {
    static let files = JobFiles(zones: ZoneDatabase(directory: nil))

    /// The smallest possible job, in two lines. Further keys begin in line 3.
    static let base = "scheduler: '0 3 * * *'\npipeline_name: job\n"

    static func read(_ yaml: String, file: String = "job.yml") -> JobFile {
        files.read(Array(yaml.utf8), file: file)
    }

    /// `line:column: message` of each problem, and its hint.
    static func problems(_ yaml: String) -> [String] {
        read(yaml).findings.problems.map { problem in
            let place = problem.place.position.map { "\($0.line):\($0.column): " } ?? ""
            return place + problem.message + (problem.hint.map { " | \($0)" } ?? "")
        }
    }

    /// The only job of a text without problems.
    static func job(_ yaml: String) throws -> Job {
        let file = read(yaml)
        #expect(file.findings.problems.map(\.description) == [])
        return try #require(file.declarations.first?.job)
    }
}

/// A text and the expected result.
struct Case: Sendable, CustomTestStringConvertible {
    var yaml: String
    var expected: [String]

    /// A whole file.
    init(_ yaml: String, _ expected: String...) {
        self.yaml = yaml
        self.expected = expected
    }

    /// One or more lines after `Reading.base`. The first one is line 3.
    init(key: String, _ expected: String...) {
        yaml = Reading.base + key + "\n"
        self.expected = expected
    }

    var testDescription: String { yaml.debugDescription }
}
