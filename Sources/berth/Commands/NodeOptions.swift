import ArgumentParser

/// What `berth up` and `berth agent` have in common.
struct NodeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Name of the bridge that tasks are connected to; the second host of '--instance' adds a letter.",
            valueName: "name"))
    var bridge = "berth0"

    @Option(
        name: .customLong("node-address"),
        help: ArgumentHelp(
            "This host's address as the other hosts reach it; found by the route to the control plane by default.",
            valueName: "address"))
    var nodeAddress: String?

    @Option(
        name: .customLong("zone"), help: "Availability zone shown for this host; the region with an 'a' by default.")
    var zone: String?

    @Option(
        name: .customLong("insecure-registry"), parsing: .singleValue,
        help: ArgumentHelp("A registry that speaks plain HTTP. May be repeated.", valueName: "host:port"))
    var insecureRegistries: [String] = []

    @OptionGroup(title: "Cleaning up") var cleanup: CleanupOptions

    func validate() throws {
        guard (1...13).contains(bridge.utf8.count), bridge.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != 47 }) else {
            throw ValidationError("--bridge must be 1 to 13 characters without spaces and slashes, got '\(bridge)'.")
        }
    }
}
