public import CivilTime
@preconcurrency import Dispatch
import Glibc
import Synchronization

/// Reads YAML files as jobs.
public struct JobFiles: Sendable {
    /// Fewer than this are read on one core, so that a short command starts no threads.
    private static let filesAtOnce = 1_024

    let zones: ZoneDatabase
    /// The zone of jobs without a `timezone`.
    let zone: Zone
    /// Where it is given, warnings tell what is allowed and probably not meant, as of this moment.
    let adviceAt: Instant?
    private let expressions = Expressions()

    public init(zones: ZoneDatabase, zone: Zone = .utc, adviceAt: Instant? = nil) {
        self.zones = zones
        self.zone = zone
        self.adviceAt = adviceAt
    }

    /// Reads files, and folders with all `*.yml` and `*.yaml` below them; `-` is standard input. Never stops at a problem:
    /// each is in the result, also a path that does not exist.
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

    /// Reads some files on all cores; what they hold, in their order.
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
        // Not `concurrentPerform`: its threads are shared ones, and Dispatch wakes up every second for those.
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

    /// Reads the bytes of one file; `file` is the name for its problems.
    func read(_ bytes: [UInt8], file: String) -> JobFile {
        let source = SourceText(file: file, bytes: bytes)
        var reader = JobReader(
            zones: zones, expressions: expressions, standardZone: zone, adviceAt: adviceAt,
            findings: Findings(source: source))
        var declarations: [Declaration] = []
        let documents = source.bytes.withUnsafeBufferPointer { text in
            // libyaml wants an address, and an empty array need not have one.
            guard !text.isEmpty else { return 0 }
            var builder = TreeBuilder(text)
            return readDocuments(&builder, &reader, &declarations)
        }
        if documents == 0 {
            reader.findings.report(
                at: Position(line: 1, column: 1), "no job in this file",
                hint: "remove the file; 'enabled: false' switches a job off")
        }
        return JobFile(declarations: declarations, findings: reader.findings)
    }

    /// Reads document by document up to the end or the first syntax error; how many there were.
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
