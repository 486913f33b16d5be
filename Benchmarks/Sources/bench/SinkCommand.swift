import ArgumentParser
import Glibc

/// The sink alone, to look at orchestrate by hand or with a profiler.
struct SinkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sink", abstract: "A stand-in for GitLab on loopback; prints its port.")

    func run() throws {
        let sink = try Sink()
        print(sink.port)
        fflush(nil)
        while true { pause() }
    }
}
