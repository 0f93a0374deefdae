import ArgumentParser
import Foundation
import JSONBytes

struct Token: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tokens with which hosts join.", subcommands: [Create.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a token that lets one host join, once.",
            discussion: """
                On the host that shall join:

                  berth agent --join URL --token TOKEN --cluster NAME
                  berth agent --join URL --token TOKEN --managed

                The first makes it a container instance of that cluster (with --capacity-provider PROVIDER one of that provider),
                the second managed capacity, where FARGATE tasks run.
                """)

        @OptionGroup var installation: InstallationOptions

        @Option(
            name: .customLong("valid-for"),
            help: ArgumentHelp("Minutes until the token expires, 1 to 10080.", valueName: "minutes"))
        var validFor = 60

        func validate() throws {
            guard (1...10_080).contains(validFor) else {
                throw ValidationError("--valid-for must be 1 to 10080 minutes, got \(validFor).")
            }
        }

        func run() async throws {
            let answer = try await ControlPlaneClient.with(try ClientFile.read(installation.files)) { client in
                try await client.berth("CreateJoinToken", ["expiresInSeconds": .integer(Int64(validFor) * 60)])
            }
            guard let token = answer["token"]?.string else {
                throw CommandFailure("The control plane answered without a token: \(answer).")
            }
            print(token)
        }
    }
}
