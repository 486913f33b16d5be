public import CivilTime
@preconcurrency import Dispatch
import Glibc
import Synchronization

/// Reads YAML files as jobs.
public struct JobFiles: Sendable {
    /// One core reads fewer files than this, so that a short command starts no threads.
    private static let filesAtOnce = 1_024

    let zones: ZoneDatabase
    /// The zone of jobs without a `timezone`.
    let zone: Zone
    /// If set, warnings report what is allowed but probably a mistake, as of this moment.
    let adviceAt: Instant?
    private let expressions = Expressions()

    public init(zones: ZoneDatabase, zone: Zone = .utc, adviceAt: Instant? = nil) {
        self.zones = zones
        self.zone = zone
        self.adviceAt = adviceAt
    }

    /// Reads files, and folders with all `*.yml` and `*.yaml` below them; `-` is standard input. It never stops at a
    /// problem: the result has all of them, also a path that does not exist.
    public func load(paths: [String]) -> LoadedJobs {
        var search = FileSearch()
        for path in paths where path != "-" { search.look(at: path) }
        var loaded = LoadedJobs()
        loaded.files = search.files.count
        loaded.problems = search.problems
        var files = search.files.sorted()[...]
        while !files.isEmpty {
            for file in read(files.prefix(Self.filesAtOnce)) { loaded.add(file) }
            files = files.dropFirst(Self.filesAtOnce)
        }
        if paths.contains("-") { loaded.add(readStandardInput()) }
        loaded.sort()
        return loaded
    }

    /// Reads some files on all cores. Returns their contents in the same order.
    private func read(_ files: ArraySlice<String>) -> [Result<JobFile, Problem>] {
        let parts = files.count < Self.filesAtOnce ? 1 : max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        let results = Mutex([[Result<JobFile, Problem>]](repeating: [], count: parts))
        @Sendable func read(part: Int) {
            let own = files.count * part / parts..<files.count * (part + 1) / parts
            var reader = FileReader()
            let found = files.dropFirst(own.lowerBound).prefix(own.count).map { file in
                Result { () throws(Problem) in self.read(try reader.read(file), file: file) }
            }
            results.withLock { $0[part] = found }
        }
        // Not `concurrentPerform`: it uses shared threads, and Dispatch wakes up every second for those.
        let group = DispatchGroup()
        for part in 1..<parts { DispatchQueue(label: "read").async(group: group) { read(part: part) } }
        read(part: 0)
        group.wait()
        return results.withLock { $0.flatMap(\.self) }
    }

    private func readStandardInput() -> Result<JobFile, Problem> {
        let name = "<stdin>"
        return Result { () throws(Problem) in
            var reader = FileReader()
            return read(try reader.readStandardInput(as: name), file: name)
        }
    }

    /// Reads the jobs in one file's bytes. `file` is its name in problems.
    func read(_ bytes: [UInt8], file: String) -> JobFile {
        let source = SourceText(file: file, bytes: bytes)
        var reader = JobReader(
            zones: zones, expressions: expressions, standardZone: zone, adviceAt: adviceAt,
            findings: Findings(source: source))
        var declarations: [Declaration] = []
        let documents = source.bytes.withUnsafeBufferPointer { text in
            // libyaml needs an address, and an empty array may have none.
            guard !text.isEmpty else { return 0 }
            var builder = TreeBuilder(text)
            return readDocuments(&builder, &reader, &declarations)
        }
        if documents == 0 {
            reader.findings.report(
                at: Position(line: 1, column: 1), "no job in this file",
                hint: "remove the file; 'enabled: false' switches a job off")
        }
        if adviceAt != nil { reader.adviseOnHooks() }
        return JobFile(declarations: declarations, findings: reader.findings)
    }

    /// Reads one document after the other up to the end or the first syntax error. Returns their number, a broken one
    /// included.
    private func readDocuments(
        _ builder: inout TreeBuilder, _ reader: inout JobReader, _ declarations: inout [Declaration]
    ) -> Int {
        if let place = reader.findings.source.excessiveTagLine {
            reader.findings.report(
                at: place, "more than \(Limits.tagLines) lines with %TAG",
                hint: "remove them: tags are not supported")
            return 1
        }
        var count = 0
        do throws(SyntaxError) {
            while !reader.findings.isFull, let document = try builder.nextDocument(&reader.findings) {
                count += 1
                if let declaration = reader.read(document) { declarations.append(declaration) }
            }
        } catch {
            count += 1
            reader.findings.report(error)
        }
        return count
    }
}
