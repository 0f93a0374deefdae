import ArgumentParser
import JSONBytes

struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say why a task finds no host, and what would help.",
        discussion: """
            RESOURCE is a task's id or ARN, or a service's name or ARN. For what waits a table shows every host of its \
            launch type or capacity provider, and what each filter of placement says of it, in the order in which they are asked:

              state             the host is ACTIVE
              agent             its agent is connected, and it was not given up as lost
              cpu, memory       it has as much left as the task reserves
              ports             no task holds a host port that it fixes
              attribute         it carries the attributes that the definition requires
              memberOf          the constraints' expressions hold for it
              distinctInstance  no task of the same group is there

            'ok' lets the task pass; what the first filter that refuses has to say follows. Beneath stands what would make the \
            nearest hosts admit it. What RunTask refuses at once is no task: its answer names the reason for each host.
            """)

    @OptionGroup var installation: InstallationOptions

    @Argument(help: "The task or service.")
    var resource: String

    @Option(help: ArgumentHelp("Its cluster, where several have one of that name.", valueName: "name"))
    var cluster: String?

    @Flag(help: "Print what the control plane answered, as JSON.")
    var json = false

    func run() async throws {
        var request: [String: JSONValue] = ["resource": .string(resource)]
        request["cluster"] = cluster.map { .string($0) }
        let asked = JSONValue.object(request)
        let answer = try await ControlPlaneClient.with(try ClientFile.read(installation.files)) { client in
            try await client.berth("Explain", asked)
        }
        if json {
            print(String(decoding: answer.jsonBytes(), as: UTF8.self))
            return
        }
        for line in ExplainReport(answer).lines { print(line) }
    }
}
