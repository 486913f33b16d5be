import ArgumentParser

@main
struct Orchestrate: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "orchestrate", version: "0.1.0")
}
