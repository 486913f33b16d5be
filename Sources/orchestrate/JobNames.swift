import JobFiles
import Orchestrator
import Scheduling

extension Refusal {
    /// A job was named that nobody declared.
    static func unknownJob(_ name: String, known: [String]) -> Refusal {
        let hint: String
        if let near = name.nearest(among: known) {
            hint = near
        } else if known.isEmpty {
            hint = "`orchestrate check` tells which job files were found"
        } else {
            let rest = known.count > 10 ? ", and \(known.count - 10) more" : ""
            hint = known.prefix(10).joined(separator: ", ") + rest
        }
        return Refusal(message: "there is no job '\(name)'", hint: hint)
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
    /// The declared jobs with these names, or all where none is named; throws where the files cannot be used.
    func read(named names: [String] = []) throws -> [Job] {
        let declared = try Configuration.loadJobs([directory], .current).usable()
        guard !names.isEmpty else { return declared }
        let known = declared.map(\.name)
        for name in names where !known.contains(name) { throw Refusal.unknownJob(name, known: known) }
        return declared.filter { names.contains($0.name) }
    }
}
