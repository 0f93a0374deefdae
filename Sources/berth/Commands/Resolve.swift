import ArgumentParser
import Foundation
import TaskResolver

/// What the agent starts beside its tasks; nobody else needs it.
struct Resolve: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve-names", abstract: "Answer the names that this host's tasks ask for.", shouldDisplay: false
    )

    @Argument(help: "Where it listens.")
    var address: String

    @Argument(help: "Who may ask.")
    var range: String

    @Argument(help: "The file of names.")
    var names: String

    @Argument(help: "The file that is made once it serves.")
    var ready: String

    func run() throws {
        var resolver = try Resolver(address: address, range: range, hosts: names)
        // Who serves, for an agent that ended before it wrote that down.
        try Data("\(getpid())".utf8).write(to: URL(fileURLWithPath: ready))
        try resolver.run()
    }

    /// This very program, as it is started for that.
    static func program() -> [String] {
        let path =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return [path, "resolve-names"]
    }
}
