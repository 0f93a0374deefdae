import ArgumentParser
import Foundation

struct Down: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Stop everything that Berth started on this machine, and leave it as it was.",
        discussion: """
            Ends a running 'berth up', 'berth server' or 'berth agent' of this data directory, stops its tasks, and removes its \
            links, namespaces, firewall rules, mounts and processes. State and images stay in the data directory: the next \
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
        try await RunningProcess.endAll(files)
        let nodes = try LocalNode.known(files)
        if !nodes.isEmpty { try Preflight.checkNode() }
        for node in nodes { try await node.stopEverything() }
        try await ControlPlane.endBalancing(files)
        try removeRunDirectory(files)
        if purge { try FileManager.default.removeItem(atPath: files.data) }
        Output.say(
            purge ? "Berth is down and its data is removed." : "Berth is down. Its state stays in \(files.data).")
    }

    /// Removes the run directory; the last installation on the machine takes their common directory with it.
    private func removeRunDirectory(_ files: InstallationFiles) throws {
        let own = URL(fileURLWithPath: files.run("x")).deletingLastPathComponent()
        if FileManager.default.fileExists(atPath: own.path) { try FileManager.default.removeItem(at: own) }
        let common = own.deletingLastPathComponent().path
        let left = (try? FileManager.default.contentsOfDirectory(atPath: common)) ?? []
        let host = common + "/host"
        let kept = (try? FileManager.default.contentsOfDirectory(atPath: host)) ?? []
        // Besides its lock the host's directory is empty once no installation has anything on the host.
        guard left.allSatisfy({ $0 == "host" }), kept.allSatisfy({ $0 == "lock" }) else { return }
        unlink(host + "/lock")
        rmdir(host)
        rmdir(common)
    }
}
