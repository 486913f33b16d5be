import FoundationEssentials
import Glibc
import Workloads

/// A program that this one started.
struct Child {
    let pid: pid_t

    /// How a program ended.
    struct End {
        var code: Int32
        /// The time from before its start to its end.
        var milliseconds: Double
    }

    /// Starts a program. Its output goes to files, or nowhere.
    init(
        _ command: [String], environment: [String: String] = [:], output: String = "/dev/null",
        errors: String = "/dev/null"
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var arguments = command.map { strdup($0) } + [nil]
        var settings = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (arguments + settings).forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, command[0], &actions, nil, &arguments, &settings)
        guard code == 0 else {
            throw Missing(description: "\(command[0]): \(String(cString: strerror(code)))")
        }
        self.pid = pid
    }

    func signal(_ number: Int32) {
        kill(pid, number)
    }

    /// Waits for its end. Returns the exit code, or 128 plus the number of the signal.
    @discardableResult
    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
    }

    /// Whether it still runs.
    var isRunning: Bool {
        var status: Int32 = 0
        return waitpid(pid, &status, WNOHANG) == 0
    }

    /// Runs a program from its start to its end.
    static func run(_ command: [String], environment: [String: String] = [:]) throws -> End {
        var code: Int32 = 0
        let spent = try nanoseconds { code = try Child(command, environment: environment).wait() }
        return End(code: code, milliseconds: spent / 1e6)
    }

    /// The folder that contains this program.
    static func ownFolder() throws -> String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { throw Missing(description: "this program does not know where it is") }
        let path = String(decoding: buffer[..<count], as: UTF8.self)
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }
}

/// What the kernel says about a running process.
struct ProcessFigures {
    let pid: pid_t

    /// The memory it holds, in bytes.
    var residentBytes: Double? { status("VmRSS").map { $0 * 1_024 } }

    /// The processor time it has used, in seconds.
    var processorSeconds: Double? {
        guard let text = read("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[end...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else {
            return nil
        }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// How many context switches each of its threads had.
    var switchesByThread: [String: Double] {
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
        return threads.reduce(into: [:]) { switches, thread in
            let text = read("/proc/\(pid)/task/\(thread)/status")
            guard let own = number("voluntary_ctxt_switches", text) else { return }
            switches[thread] = own + (number("nonvoluntary_ctxt_switches", text) ?? 0)
        }
    }

    private func status(_ name: String) -> Double? { number(name, read("/proc/\(pid)/status")) }

    private func number(_ name: String, _ text: String?) -> Double? {
        let line = text?.split(separator: "\n").first { $0.hasPrefix("\(name):") }
        return line?.split(whereSeparator: { $0 == "\t" || $0 == " " }).dropFirst().first.flatMap {
            Double($0)
        }
    }

    private func read(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// A folder for temporary files.
struct Folder {
    let path: String

    /// Deletes the folder if it exists, and creates it.
    init(_ path: String) throws {
        self.path = path
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
