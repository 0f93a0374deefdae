import ArgumentParser
import Foundation
import NodeAgent

struct Logs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what the containers of a task wrote, or the access log of a load balancer.",
        discussion:
            "Run it on the host that runs, or ran, the task. TASK is a task's id, the beginning of one, or its ARN.\n\n"
            + "A load balancer's log is on the control plane's machine; it is written while the attribute "
            + "access_logs.s3.enabled is true.")

    @OptionGroup var installation: InstallationOptions

    @Argument(help: "The task.")
    var task: String?

    @Option(help: ArgumentHelp("The access log of this load balancer, instead of a task's output.", valueName: "name"))
    var loadBalancer: String?

    @Option(help: ArgumentHelp("Only this container's output.", valueName: "name"))
    var container: String?

    @Flag(
        name: .shortAndLong,
        help: "Go on with what is written from now on, until the task's output ends or the load balancer is gone.")
    var follow = false

    @Flag(help: "Put time, container and stream before each line.")
    var details = false

    func validate() throws {
        guard (task == nil) != (loadBalancer == nil) else {
            throw ValidationError("Name a task, or a load balancer with --load-balancer.")
        }
        guard loadBalancer == nil || (container == nil && !details) else {
            throw ValidationError("--container and --details are about tasks.")
        }
    }

    func run() async throws {
        if let loadBalancer { return try await show(loadBalancer) }
        let (directory, id) = try find(task ?? "")
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

    private func show(_ balancer: String) async throws {
        let logs = AccessLogFiles(installation.files)
        let folders = logs.folders(named: balancer)
        guard let folder = folders.first else {
            throw CommandFailure(
                "There is no access log of a load balancer '\(balancer)' under \(installation.files.data). It is written from "
                    + "its first request on while its attribute access_logs.s3.enabled is true.")
        }
        guard folders.count == 1 else {
            throw CommandFailure(
                "\(folders.count) load balancers are named '\(balancer)': \(folders.joined(separator: ", "))")
        }
        try await AccessLogReader(logs: logs, folder: folder).show(follow: follow) {
            FileHandle.standardOutput.write($0)
        }
    }

    /// The agent's directory and the full id of the one task that is meant.
    private func find(_ task: String) throws -> (directory: String, id: String) {
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
