import ArgumentParser
import Foundation

struct Down: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Stop everything that Berth started on this machine, and leave it as it was.",
        discussion: """
            Ends a running 'berth up', 'berth server' or 'berth agent' of this data directory, stops its tasks, and removes its
            links, namespaces, firewall rules, mounts and processes. State and images stay in the data directory: the next
            'berth up' goes on from there. --purge removes them too.
            """)

    @OptionGroup var installation: InstallationOptions

    @Flag(help: "Also remove the data directory with the state, the keys and the images.")
    var purge = false

    func run() async throws {
        let files = installation.files
        guard FileManager.default.fileExists(atPath: files.data) else {
            Output.say("Nothing to do: there is no data directory \(files.data).")
            return
        }
        try await RunningProcess.end(files)
        let nodes = try LocalNode.known(files)
        if !nodes.isEmpty { try Preflight.checkNode() }
        for node in nodes { try await node.stopEverything() }
        try removeRunDirectory(files)
        if purge { try FileManager.default.removeItem(atPath: files.data) }
        Output.say(
            purge ? "Berth is down and its data is removed." : "Berth is down. Its state stays in \(files.data).")
    }

    /// Removes the run directory and its parents as far as they are empty.
    private func removeRunDirectory(_ files: InstallationFiles) throws {
        var path = URL(fileURLWithPath: files.run("x")).deletingLastPathComponent()
        if FileManager.default.fileExists(atPath: path.path) { try FileManager.default.removeItem(at: path) }
        path.deleteLastPathComponent()
        _ = rmdir(path.path)
    }
}
