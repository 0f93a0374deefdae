import ArgumentParser
import Domain

struct Up: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a control plane and a managed host in one process.",
        discussion: """
            FARGATE tasks run on the managed host, which shows as no container instance. With --instance the machine is also \
            registered as a container instance of cluster 'default', for the EC2 launch type; its processors and memory are \
            then split in half between the two.

            Ctrl-C stops the control plane and the agent; tasks go on. 'berth down' stops everything.
            """)

    @OptionGroup var installation: InstallationOptions
    @OptionGroup(title: "Control plane") var options: ControlPlaneOptions
    @OptionGroup(title: "This host") var node: NodeOptions

    @Flag(help: "Deploy a sample service of two tasks behind a load balancer and show it come up.")
    var demo = false

    @Option(help: ArgumentHelp("Port at which the demo's load balancer listens.", valueName: "port"))
    var demoPort = 8080

    @Flag(help: "Also register this machine as a container instance of cluster 'default'.")
    var instance = false

    func validate() throws {
        guard (1...65535).contains(demoPort) else {
            throw ValidationError("--demo-port must be from 1 to 65535, got \(demoPort).")
        }
    }

    func run() async throws {
        try Preflight.checkNode()
        if let missing = Preflight.missingBalancer() { throw CommandFailure(missing) }
        let files = installation.files
        let plane = try await ControlPlane.open(files, options) { installation in
            try await LocalNode.check(taskRange: installation.taskCIDR, files: files, bridge: node.bridge)
        }
        try RunningProcess.announce(.server, files)
        var nodes = [
            try LocalNode.make(
                "node", plane: plane, files: files, options: node, capacity: .managed, share: instance ? 2 : 1)
        ]
        if instance {
            nodes.append(
                try LocalNode.make(
                    "instance", plane: plane, files: files, options: node, capacity: .own(cluster: "default"), share: 2)
            )
        }
        let runtime = nodes[0].runtime
        try await plane.run(beside: nodes) { endpoint in
            Output.say(
                """
                Berth is up at \(endpoint).
                In another shell:  eval "$(berth env\(installation.flag))"
                Then try:          aws ecs list-clusters
                                   berth status\(installation.flag)
                Ctrl-C stops the control plane; tasks go on. 'berth down\(installation.flag)' stops everything.
                """)
            guard demo else { return }
            Output.say("Deploying the demo:")
            let file = try ClientFile.read(files)
            try await DemoImage.make(in: runtime, scratch: files.run("demo"))
            let page = try await ControlPlaneClient.with(file) { client in
                try await DemoDeployment(client: client, port: demoPort).run()
            }
            Output.say(
                """
                The demo is up at \(page)
                Reload it: the page says which task answered. Kill a container and watch: a new task takes its place.
                """)
        }
        Output.say("Control plane stopped. Tasks go on; 'berth up' finds them again, 'berth down' stops them.")
    }
}
