/// Where the network driver finds its programs and keeps what it must not forget.
public struct CNINetworkConfiguration: Sendable {
    /// Directory on disk of this host's network state; survives a reboot.
    public var stateDirectory: String
    /// Directory under which namespaces are kept by mounts (`netns/`); need not survive a reboot.
    public var runDirectory: String
    /// Where the CNI plugin binaries are. Debian's package puts them in `/usr/lib/cni`.
    public var pluginDirectory: String = "/usr/lib/cni"
    /// Name of the bridge, and part of the names of chains; at most 15 bytes, as the kernel allows an interface.
    public var bridge: String = "berth0"
    /// Namespaces kept ready, so that a launch does not wait for one. More cost an address each; 0 makes each on demand.
    public var warmNamespaces: Int = 2
    /// Where the agents of one machine share what it was like before the first of them came. Must not survive a reboot.
    public var hostMemoryDirectory: String = "/run/berth/host"
    /// The program that serves as the tasks' resolver, with its first arguments; empty for none: tasks then ask the host's.
    public var resolver: [String] = []
    /// Network namespace that plays the host; nil is the process's own. Tests give one that they made.
    public var hostNamespace: String?

    public init(stateDirectory: String, runDirectory: String) {
        self.stateDirectory = stateDirectory
        self.runDirectory = runDirectory
    }
}
