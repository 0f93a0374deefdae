import ArgumentParser
import Foundation
import NodeAgent

struct Logs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what the containers of a task wrote.",
        discussion:
            "Run it on the host that runs, or ran, the task. TASK is a task's id, the beginning of one, or its ARN.")

    @OptionGroup var installation: InstallationOptions

    @Argument(help: "The task.")
    var task: String

    @Option(help: ArgumentHelp("Only this container's output.", valueName: "name"))
    var container: String?

    @Flag(name: .shortAndLong, help: "Go on with what is written from now on, until the task's output ends.")
    var follow = false

    @Flag(help: "Put time, container and stream before each line.")
    var details = false

    func run() async throws {
        let (directory, id) = try find()
        let logs = TaskLogs(dataDirectory: directory, task: id)
        if let container, !logs.containers().contains(container) {
            throw CommandFailure(
                "Task \(id) has no output of a container '\(container)'. It has: \(logs.containers().joined(separator: ", "))."
            )
        }
        let several = logs.containers().count > 1 && container == nil
        if follow {
            for try await line in logs.follow(container: container) { show(line, several) }
        } else {
            for line in try logs.read(container: container) { show(line, several) }
        }
    }

    private func show(_ line: TaskLogs.Line, _ several: Bool) {
        let prefix =
            details ? "\(line.time) \(line.container) \(line.stream.rawValue)  " : several ? "\(line.container)  " : ""
        FileHandle.standardOutput.write(Data((prefix + line.text + (line.isPartial ? "" : "\n")).utf8))
    }

    /// The agent's directory and the full id of the one task that is meant.
    private func find() throws -> (directory: String, id: String) {
        let wanted = task.split(separator: "/").last.map(String.init) ?? task
        var found: [(String, String)] = []
        for name in ["node", "instance"] {
            let directory = installation.files.node(name) + "/agent"
            let ids = (try? FileManager.default.contentsOfDirectory(atPath: directory + "/logs")) ?? []
            found += ids.filter { $0.hasPrefix(wanted) }.map { (directory, $0) }
        }
        guard !wanted.isEmpty, let first = found.first else {
            throw CommandFailure(
                "No output of task '\(task)' is kept on this host under \(installation.files.data). 'berth status' shows which "
                    + "host runs it.")
        }
        guard found.count == 1 else {
            throw CommandFailure("'\(task)' begins the ids of \(found.count) tasks; give more of it.")
        }
        return first
    }
}
