import Cron
import JobFiles
import Orchestrator
import Scheduling

/// A job was named that nobody declared.
struct UnknownJob: Error {
    let message: String
    let hint: String

    init(_ name: String, known: [String]) {
        message = "there is no job '\(name)'"
        if let near = name.nearest(among: known) {
            hint = near
        } else if known.isEmpty {
            hint = "`orchestrate check` tells which job files were found"
        } else {
            let rest = known.count > 10 ? ", and \(known.count - 10) more" : ""
            hint = known.prefix(10).joined(separator: ", ") + rest
        }
    }
}

/// The names of the declared jobs, for shell completion.
enum JobNames {
    /// `words` is the command line so far, which may name another directory.
    static func all(_ words: [String] = []) -> [String] {
        var jobs: String?
        for (option, value) in zip(words, words.dropFirst()) where option == "--jobs" { jobs = value }
        for word in words where word.hasPrefix("--jobs=") { jobs = String(word.dropFirst(7)) }
        return all(in: Configuration.jobsDirectory(.current, .init(jobs: jobs)))
    }

    /// Those of a directory, jobs with a problem included.
    static func all(in directory: String) -> [String] {
        (try? Configuration.loadJobs([directory], .current))?.places.keys.sorted() ?? []
    }
}

extension JobsOptions {
    /// The declared jobs; throws where the files cannot be used.
    func read() throws -> LoadedJobs {
        let loaded = try Configuration.loadJobs([directory], .current)
        guard loaded.isUsable else { throw BadJobFiles(problems: loaded.problems) }
        return loaded
    }
}

extension LoadedJobs {
    /// The jobs with these names, or all where none is named.
    func jobs(named names: [String]) throws -> [Job] {
        guard !names.isEmpty else { return jobs }
        let known = Set(jobs.map(\.name))
        for name in names where !known.contains(name) { throw UnknownJob(name, known: jobs.map(\.name)) }
        let wanted = Set(names)
        return jobs.filter { wanted.contains($0.name) }
    }
}
