import ArgumentParser

/// What `berth up` and `berth agent` have in common.
struct NodeOptions: ParsableArguments {
    @Option(help: "Name of the bridge that tasks are connected to; the second host of '--instance' adds a letter.")
    var bridge = "berth0"

    @Option(
        name: .customLong("node-address"),
        help: "This host's address as the other hosts reach it; found by the route to the control plane by default.")
    var nodeAddress: String?

    @Option(
        name: .customLong("zone"), help: "Availability zone shown for this host; the region with an 'a' by default.")
    var zone: String?

    @Option(
        name: .customLong("insecure-registry"), parsing: .singleValue,
        help: "HOST:PORT of a registry that speaks plain HTTP. May be repeated.")
    var insecureRegistries: [String] = []

    @OptionGroup(title: "Cleaning up") var cleanup: CleanupOptions

    func validate() throws {
        guard (1...13).contains(bridge.utf8.count), bridge.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != 47 }) else {
            throw ValidationError("--bridge must be 1 to 13 characters without spaces and slashes, got '\(bridge)'.")
        }
    }
}
