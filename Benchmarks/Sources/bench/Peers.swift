import FoundationEssentials

/// The other programs to compare with, if there are any.
struct Peers {
    /// The folder has `build/` with the compiled programs, the Python programs, and `venv/` with their modules.
    let folder: String?
    let postgres: String?

    static func fromEnvironment() -> Peers {
        let environment = ProcessInfo.processInfo.environment
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        return Peers(folder: value("BENCH_PEERS"), postgres: value("BENCH_POSTGRES"))
    }

    /// A compiled program with its arguments.
    func compiled(_ name: String, _ arguments: String...) throws -> [String] {
        [try file("build/\(name)")] + arguments
    }

    /// A Python program with its arguments.
    func python(_ name: String, _ arguments: String...) throws -> [String] {
        let script = try file(name)
        return [try file("venv/bin/python"), script] + arguments
    }

    /// A file in the folder.
    func file(_ name: String) throws -> String {
        guard let folder else { throw Missing(description: "BENCH_PEERS is not set") }
        let path = "\(folder)/\(name)"
        guard FileManager.default.fileExists(atPath: path) else {
            throw Missing(description: "\(name) is not in BENCH_PEERS")
        }
        return path
    }

    /// The lines of a text file in the folder.
    func lines(_ name: String) throws -> [String] {
        let contents = FileManager.default.contents(atPath: try file(name)) ?? Data()
        return String(decoding: contents, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}

extension Bench {
    /// Runs a program that prints one JSON object of figures.
    func figures(_ command: [String], seconds: Int = 120) throws -> [Sample] {
        let output = scratch.file("figures.json")
        let errors = scratch.file("figures.err")
        let code = try Child(["timeout", "\(seconds)"] + command, output: output, errors: errors).wait()
        let lines = try text(of: output).split(separator: "\n")
        guard code == 0, let line = lines.last(where: { $0.hasPrefix("{") }) else {
            let last = try text(of: errors).split(separator: "\n").last ?? ""
            throw Missing(description: "\(command[0]) ended with \(code) \(last)")
        }
        let numbers = try JSONDecoder().decode([String: Lenient].self, from: Data(line.utf8))
        return [numbers.compactMapValues(\.number)]
    }

    func text(of path: String) throws -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
}

/// A JSON value. Only numbers matter.
private struct Lenient: Decodable {
    let number: Double?

    init(from decoder: any Decoder) throws {
        number = try? decoder.singleValueContainer().decode(Double.self)
    }
}
