import Foundation
import Testing

@testable import JobFiles

/// Several cores read this many files. The result must not depend on which core reads which file.
@Suite struct ManyFilesTests {
    @Test func namesAreTakenInTheOrderOfTheFiles() throws {
        let folder = NSTemporaryDirectory() + "many-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for number in 10_000..<12_500 {
            let text = "scheduler: '0 3 * * *'\npipeline_name: job-\(number % 300)\n"
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(number).yml"))
        }
        let loaded = Reading.files.load(paths: [folder])
        #expect(loaded.files == 2_500 && loaded.jobs.count == 300)
        // Each name comes again after 300 files, so files of one core repeat names from files of another.
        #expect(
            loaded.problems.map { $0.place.file } == (10_300..<12_500).map { "\(folder)/\($0).yml" })
        #expect(loaded.places["job-100"]?.file == "\(folder)/10000.yml")
    }
}
