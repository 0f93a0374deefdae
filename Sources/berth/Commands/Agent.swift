import ArgumentParser

struct Agent: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run this machine as a host of a control plane elsewhere.",
        discussion: """
            The first start joins with a one-time token ('berth token create' beside the control plane prints one); later starts \
            need neither --token nor --join. Tasks do not notice when the agent stops or dies; the next start finds them again.
            """)

    @OptionGroup var installation: InstallationOptions
    @OptionGroup(title: "This host") var node: NodeOptions

    @Option(help: ArgumentHelp("URL of the control plane, such as https://10.0.0.1:4566.", valueName: "url"))
    var join: String?

    @Option(help: "One-time token for the first start.")
    var token: String?

    @Flag(help: "Offer this machine as managed capacity: FARGATE tasks run here, nobody sees a container instance.")
    var managed = false

    @Option(help: ArgumentHelp("Register this machine as a container instance of that cluster.", valueName: "name"))
    var cluster: String?

    @Option(
        name: .customLong("capacity-provider"),
        help: "With --cluster: be capacity of that provider; tasks of its strategies run here.")
    var capacityProvider: String?

    @Flag(help: "With --cluster: register for the EXTERNAL launch type instead of EC2.")
    var external = false

    @Option(
        name: .customLong("ca-file"),
        help: ArgumentHelp("PEM file of the certificate authority to trust for https.", valueName: "file"))
    var authority: String?

    func validate() throws {
        guard !managed || (cluster == nil && !external) else {
            throw ValidationError("--managed and --cluster exclude each other.")
        }
        guard capacityProvider == nil || (cluster != nil && !external) else {
            throw ValidationError("--capacity-provider needs --cluster, and no --external.")
        }
        if let join, !join.hasPrefix("http://"), !join.hasPrefix("https://") {
            throw ValidationError("--join must be a URL such as https://10.0.0.1:4566, got '\(join)'.")
        }
    }

    func run() async throws {
        try Preflight.checkNode()
        let capacity: LocalNode.Capacity? =
            managed
            ? .managed
            : cluster.map {
                external ? .external(cluster: $0) : .own(cluster: $0, capacityProvider: capacityProvider)
            }
        let host = try LocalNode.remote(
            files: installation.files, options: node, controlPlane: join, token: token, capacity: capacity,
            authority: authority)
        try RunningProcess.announce(.agent, installation.files)
        Output.say("Agent of \(host.controlPlane) starts. Ctrl-C stops it; tasks go on.")
        try await host.runAlone()
        Output.say("Agent stopped. Tasks go on; 'berth down\(installation.flag)' stops them.")
    }
}
