/// Where the private containerd lives and what it may reach.
public struct ContainerdConfiguration: Hashable, Sendable {
    /// Images, snapshots, the generated configuration and the log. Survives restarts of the host.
    public var dataDirectory: String
    /// Socket and state. Short: a Unix socket's path has 107 bytes. May be gone after a restart of the host.
    public var runtimeDirectory: String
    /// Parent of all cgroups made here, absolute in each hierarchy, such as `/berth-1a2b`.
    public var cgroup: String
    /// The program `berth-logger`, absolute.
    public var loggerPath: String
    /// `HOST:PORT` of registries that speak plain HTTP.
    public var plainHTTPRegistries: [String]
    /// Bytes after which a container's output file is rotated.
    public var logFileBytes: Int
    /// Output files kept per container, the current one included.
    public var logFiles: Int

    public init(
        dataDirectory: String, runtimeDirectory: String, cgroup: String, loggerPath: String,
        plainHTTPRegistries: [String] = [], logFileBytes: Int = 10 << 20, logFiles: Int = 5
    ) {
        self.dataDirectory = dataDirectory
        self.runtimeDirectory = runtimeDirectory
        self.cgroup = cgroup
        self.loggerPath = loggerPath
        self.plainHTTPRegistries = plainHTTPRegistries
        self.logFileBytes = logFileBytes
        self.logFiles = logFiles
    }

    /// The Unix socket of the private containerd.
    public var socket: String { runtimeDirectory + "/containerd.sock" }
    /// Beneath `cgroup`, beside those of the tasks: containerd itself.
    static let nodeCgroup = "node"
    var configFile: String { dataDirectory + "/config.toml" }
    var pidFile: String { runtimeDirectory + "/containerd.pid" }
    var logFile: String { dataDirectory + "/containerd.log" }
    var registries: String { dataDirectory + "/registries" }
    var runcRoot: String { runtimeDirectory + "/runc" }
    /// Where tasks with shared memory have it mounted.
    var sharedMemory: String { runtimeDirectory + "/shm" }
    var execDirectory: String { runtimeDirectory + "/exec" }

    /// containerd's configuration file, version 2.
    ///
    /// The plug-ins left out need kernel modules or make directories outside ours.
    var toml: String {
        """
        version = 2
        root = \(quoted(dataDirectory + "/root"))
        state = \(quoted(runtimeDirectory + "/state"))
        oom_score = 0
        disabled_plugins = [
            "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
            "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
            "io.containerd.internal.v1.opt", "io.containerd.tracing.processor.v1.otlp",
            "io.containerd.internal.v1.tracing",
        ]

        [grpc]
        address = \(quoted(socket))

        [debug]
        level = "warn"

        [plugins."io.containerd.grpc.v1.cri"]
        disable_tcp_service = true
        restrict_oom_score_adj = true
        disable_hugetlb_controller = true
        tolerate_missing_hugetlb_controller = true

        [plugins."io.containerd.grpc.v1.cri".cni]
        bin_dir = \(quoted(dataDirectory + "/cni/bin"))
        conf_dir = \(quoted(dataDirectory + "/cni/conf"))

        [plugins."io.containerd.grpc.v1.cri".registry]
        config_path = \(quoted(registries))

        """
    }

    /// The `hosts.toml` of a registry without TLS.
    static func hosts(registry: String) -> String {
        """
        server = "http://\(registry)"

        [host."http://\(registry)"]
        capabilities = ["pull", "resolve"]

        """
    }

    /// A TOML basic string.
    private func quoted(_ text: String) -> String {
        var result = "\""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            default: result.unicodeScalars.append(character)
            }
        }
        return result + "\""
    }
}
