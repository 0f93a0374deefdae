import ArgumentParser
import JSONBytes

struct Interrupt: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Interrupt FARGATE_SPOT tasks, as AWS does when it takes capacity back.",
        discussion: """
            TARGET is a task, or a managed host that is reclaimed: its id, the beginning of one, or its ARN. The tasks get
            SIGTERM, and SIGKILL after their stopTimeout (30 seconds, at most 120); services replace them at once where there is
            room. A reclaimed host takes no new tasks until it is returned; FARGATE tasks of services leave it within the bounds
            of their service, others stay.
            """)

    @OptionGroup var installation: InstallationOptions

    @Argument(help: "The task or managed host.")
    var target: String

    @Flag(name: .customLong("return"), help: "The host is back: it takes tasks again.")
    var isReturned = false

    func run() async throws {
        let request: JSONValue = ["target": .string(target), "return": .boolean(isReturned)]
        let answer = try await ControlPlaneClient.with(try ClientFile.read(installation.files)) { client in
            try await client.berth("Interrupt", request)
        }
        if let host = answer["host"]?.string {
            print(isReturned ? "host \(host) takes tasks again" : "host \(host) takes no new tasks")
        }
        for task in answer["tasks"]?.array ?? [] { print("interrupted \(task.string ?? "")") }
    }
}
