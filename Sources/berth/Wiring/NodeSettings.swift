import Domain
import Foundation

/// What a node was started with, kept so that the next start and `berth down` need no flags.
struct NodeSettings: Codable, Sendable {
    var capacity: LocalNode.Capacity
    /// nil beside a control plane in the same process, whose address is known when it listens.
    var controlPlane: String?
    var bridge = "berth0"
    var zone: String?
    var authority: String?
    var nodeAddress: String?
    var insecureRegistries: [String] = []
    /// nil is the whole machine.
    var resources: Resources?
    /// nil where a version without it wrote the file.
    var cleanup: CleanupSettings?

    init(capacity: LocalNode.Capacity) { self.capacity = capacity }

    /// nil when no node ever ran there.
    static func read(_ files: InstallationFiles, _ name: String) throws -> NodeSettings? {
        let path = files.node(name) + "/settings.json"
        guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
        do {
            return try JSONDecoder().decode(NodeSettings.self, from: bytes)
        } catch {
            throw CommandFailure(
                "\(path) is not readable as Berth wrote it; remove it and give the flags of the first start again.")
        }
    }

    func write(_ files: InstallationFiles, _ name: String) throws {
        let directory = files.node(name)
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
        try PrivateFile.write(try JSONEncoder().encode(self), to: directory + "/settings.json")
    }
}

/// Where the program is that takes containers' output: beside this one.
enum LoggerProgram {
    static func path() throws -> String {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let path = own.deletingLastPathComponent().appendingPathComponent("berth-logger").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw CommandFailure(
                "Running containers needs berth-logger beside berth, and \(path) is not there: build both.")
        }
        return path
    }
}

/// What the machine has for tasks.
enum MachineResources {
    /// One of `parts` equal parts of the machine's processors and memory.
    static func part(_ parts: Int) -> Resources {
        let pages = Int(sysconf(Int32(_SC_PHYS_PAGES)))
        let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
        let mebibytes = max(0, pages / max(1, 1_048_576 / max(1, pageSize)))
        let processors = max(1, ProcessInfo.processInfo.activeProcessorCount)
        return Resources(
            cpu: CPUUnits(processors * 1024 / max(1, parts)), memory: MemoryMiB(mebibytes / max(1, parts)))
    }
}
