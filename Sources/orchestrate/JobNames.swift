import Glibc
import JobFiles
import Orchestrator
import Scheduling

extension Refusal {
    /// The user named a job that no job file declares.
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

    /// The job names that an argument matches: itself, or all names that match its pattern with `*`, `?` and `[…]`.
    static func matching(_ pattern: String, in names: Set<String>) -> [String] {
        if names.contains(pattern) { return [pattern] }
        guard pattern.contains(where: { "*?[".contains($0) }) else { return [] }
        return names.filter { fnmatch(pattern, $0, 0) == 0 }.sorted()
    }

    /// The job names of a directory, jobs with a problem included.
    static func all(in directory: String) -> [String] {
        (try? Configuration.loadJobs([directory], .current))?.places.keys.sorted() ?? []
    }
}

extension [Job] {
    /// The jobs with these names or patterns. Throws if a name matches no job.
    func chosen(by patterns: [String]) throws -> [Job] {
        let known = Set(map(\.name))
        var chosen: Set<String> = []
        for pattern in patterns {
            let names = JobNames.matching(pattern, in: known)
            guard !names.isEmpty else { throw Refusal.unknownJob(pattern, known: known.sorted()) }
            chosen.formUnion(names)
        }
        return filter { chosen.contains($0.name) }
    }
}

extension JobsOptions {
    /// The declared jobs with these names, or all jobs if `names` is empty. Throws if a job file has an error.
    func read(named names: [String] = []) throws -> [Job] {
        let declared = try Configuration.loadJobs([directory], .current).usable()
        guard !names.isEmpty else { return declared }
        return try declared.chosen(by: names)
    }

    /// The jobs of files without an error. Prints the errors of the other files and goes on, because the command can
    /// still show the ledger.
    func readGood() throws -> LoadedJobs {
        let loaded = try Configuration.loadJobs([directory], .current)
        let errors = loaded.problems.filter { $0.severity == .error }
        for problem in errors.prefix(3) { Output.note("\(problem.place): \(problem.message)") }
        if !errors.isEmpty {
            Output.note("\(tally(of: errors)): their jobs are left out; `orchestrate check` shows all")
        }
        return loaded
    }
}
