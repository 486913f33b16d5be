import Foundation

/// The output and the exit code of a command that has ended.
struct Outcome {
    var out: String
    var error: String
    /// The exit code, or minus the number of the signal that ended the process.
    var code: Int32
}

/// The built `orchestrate`, started as a user would start it.
enum Binary {
    /// `ORCHESTRATE_BINARY`, or the binary beside these tests.
    static let path: String = {
        if let given = ProcessInfo.processInfo.environment["ORCHESTRATE_BINARY"] { return given }
        let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../..")
        let places = [beside, root.appending(path: ".build/debug")].map {
            $0.appending(path: "orchestrate").path
        }
        return places.first(where: FileManager.default.isExecutableFile) ?? "orchestrate"
    }()

    /// Where standard output goes.
    enum Sink {
        case file
        case pipe
        case closedPipe
        case path(String)
        /// A terminal of this width.
        case terminal(columns: UInt16)
    }

    /// Runs the binary in a directory. Its environment has only `environment` and a fixed width of help.
    static func run(
        _ arguments: [String], in directory: String, environment: [String: String] = [:], output: Sink = .file
    ) throws -> Outcome {
        let scratch = NSTemporaryDirectory() + UUID().uuidString
        defer { for end in [".out", ".err"] { unlink(scratch + end) } }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.environment = ["COLUMNS": "100"].merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardError = try created(scratch + ".err")
        let pipe = Pipe()
        switch output {
        case .file: process.standardOutput = try created(scratch + ".out")
        case .path(let path): process.standardOutput = FileHandle(forWritingAtPath: path)
        case .pipe: process.standardOutput = pipe
        case .terminal(let columns):
            let terminal = try Terminal(columns: columns)
            process.standardOutput = terminal.slave
            try process.run()
            process.waitUntilExit()
            return Outcome(
                out: try terminal.text(),
                error: try String(contentsOfFile: scratch + ".err", encoding: .utf8),
                code: process.terminationStatus)
        case .closedPipe:
            process.standardOutput = pipe
            try pipe.fileHandleForReading.close()
        }
        try process.run()
        var out = Data()
        if case .pipe = output { out = pipe.fileHandleForReading.readDataToEndOfFile() }
        process.waitUntilExit()
        if case .file = output { out = try Data(contentsOf: URL(fileURLWithPath: scratch + ".out")) }
        let errors = try Data(contentsOf: URL(fileURLWithPath: scratch + ".err"))
        let isSignal = process.terminationReason == .uncaughtSignal
        return Outcome(
            out: String(decoding: out, as: UTF8.self), error: String(decoding: errors, as: UTF8.self),
            code: isSignal ? -process.terminationStatus : process.terminationStatus)
    }

    private static func created(_ path: String) throws -> FileHandle {
        try Data().write(to: URL(fileURLWithPath: path))
        return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }
}
