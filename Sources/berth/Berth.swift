import ArgumentParser

@main
struct Berth: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "berth",
        abstract: "Amazon ECS on your own machines.",
        discussion: """
            Start with 'berth up --demo': a control plane, a managed host, and a service of two real containers.
            Then, in another shell:

              eval "$(berth env)"
              aws ecs list-services --cluster demo
            """,
        version: BerthVersion.text,
        subcommands: [
            Up.self, Down.self, Server.self, Agent.self, Env.self, Status.self, Explain.self, Cost.self,
            SimulateScaling.self, Events.self, Logs.self, Image.self, Token.self, Interrupt.self, Backup.self,
            Restore.self, Version.self, Resolve.self,
        ])
}

enum BerthVersion {
    static let text = "0.1.0"
}

struct Version: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the version.")

    func run() { print("berth \(BerthVersion.text)") }
}
