import ArgumentParser

struct Server: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a control plane alone; hosts join it with 'berth agent'.",
        discussion: """
            The first start makes a root key, kept with mode 0600 in the data directory. Tasks do not notice when the control \
            plane stops or dies; the next start goes on where it was.
            """)

    @OptionGroup var installation: InstallationOptions
    @OptionGroup var options: ControlPlaneOptions

    func run() async throws {
        if let missing = Preflight.missingBalancer() { Output.say("\(missing) All else works without it.") }
        let plane = try await ControlPlane.open(installation.files, options)
        try RunningProcess.announce(.server, installation.files)
        try await plane.run(beside: []) { endpoint in
            Output.say("Control plane at \(endpoint). In a shell: eval \"$(berth env\(installation.flag))\"")
        }
        Output.say("Control plane stopped. Tasks go on; they are found again at the next start.")
    }
}
