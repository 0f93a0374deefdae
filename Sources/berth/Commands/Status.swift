import ArgumentParser
import JSONBytes

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show hosts, services and tasks, and settings that are kept without effect.")

    @OptionGroup var installation: InstallationOptions

    @Flag(help: "Print what the control plane answered, as JSON.")
    var json = false

    func run() async throws {
        let answer = try await ControlPlaneClient.with(try ClientFile.read(installation.files)) { client in
            try await client.berth("Status")
        }
        if json {
            print(String(decoding: answer.jsonBytes(), as: UTF8.self))
            return
        }
        for section in StatusReport(answer).lines { print(section) }
    }
}
