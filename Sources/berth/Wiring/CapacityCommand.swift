import CLinux
import CNINetwork
import Controllers
import Domain
import Foundation
import Identifiers
import JSONBytes
import Placement

/// The command of `--on-capacity-needed`.
///
/// It gets what is needed as JSON on standard input and runs in a session of its own, its output in a file beside the state.
/// It outlives the control plane: which process it is stands in another file, so that the next start waits for its end.
struct CapacityCommand: CapacityHook {
    let command: String
    let timeout: Duration
    let files: InstallationFiles

    private static let look = Duration.milliseconds(100)

    func run(_ needs: [CapacityNeed]) async -> String? {
        do {
            if let earlier = earlier() {
                guard let end = try await end(of: earlier, isOurs: false) else { return nil }
                if let end { return "an earlier run \(end)" }
            }
            try PrivateFile.write(Data(Self.json(needs).jsonBytes()), to: files.capacityNeeds)
            let process = try start()
            guard let end = try await end(of: process, isOurs: true), let failure = end else { return nil }
            return "it \(failure); its output is in \(files.capacityLog)"
        } catch {
            return "\(error)"
        }
    }

    private func earlier() -> RunningProcess? {
        RunningProcess.noted(in: files.capacityProcess).flatMap { $0.isAlive ? $0 : nil }
    }

    private func start() throws -> RunningProcess {
        let log = open(files.capacityLog, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard log >= 0 else {
            throw CommandFailure("Cannot write \(files.capacityLog): \(String(cString: strerror(errno))).")
        }
        defer { close(log) }
        // Input and output are files, so that what the command leaves in the background keeps nobody waiting. It begins
        // once it is on record: a control plane that dies before that leaves nothing that the next one would not see.
        let script = """
            tries=0
            until grep -q '"pid":'$$'[,}]' "$2"; do
                tries=$((tries + 1))
                [ $tries -lt 100 ] || exit 1
                sleep 0.1
            done
            exec <"$1"
            shift 2
            \(command)
            """
        var environment = ProcessInfo.processInfo.environment
        environment["BERTH_DATA_DIR"] = files.data
        let pid = withCStrings(["sh", "-c", script, "sh", files.capacityNeeds, files.capacityProcess]) { arguments in
            withCStrings(environment.map { "\($0.key)=\($0.value)" }) { variables in
                clinux_spawn_detached("/bin/sh", arguments, variables, log, nil, nil)
            }
        }
        guard pid > 0 else { throw CommandFailure("cannot start /bin/sh: \(String(cString: strerror(-pid)))") }
        let started = RunningProcess(pid: pid, startTime: clinux_process_start_time(pid))
        try started.note(in: files.capacityProcess)
        return started
    }

    /// Waits for the end of the process, and kills it with all of its session's first group once its time is over.
    ///
    /// - Returns: nil when the waiting was given up; what went wrong, or nil in it, when the process ended.
    private func end(of process: RunningProcess, isOurs: Bool) async throws -> String?? {
        let deadline = ContinuousClock.now + timeout
        while true {
            var status: Int32 = 0
            if isOurs {
                if waitpid(process.pid, &status, WNOHANG) == process.pid { return .some(Self.failure(status)) }
            } else if !process.isAlive {
                return .some(nil)
            }
            guard ContinuousClock.now < deadline else {
                kill(-process.pid, SIGKILL)
                if isOurs { waitpid(process.pid, &status, 0) }
                return .some("did not end within \(timeout.components.seconds) seconds and was killed")
            }
            do { try await Task.sleep(for: Self.look) } catch { return nil }
        }
    }

    private static func failure(_ status: Int32) -> String? {
        let signal = status & 0x7f
        if signal != 0 { return "was ended by signal \(signal)" }
        let code = (status >> 8) & 0xff
        return code == 0 ? nil : "exited with \(code)"
    }

    private static func json(_ needs: [CapacityNeed]) -> JSONValue {
        ["needs": .array(needs.map(json))]
    }

    private static func json(_ need: CapacityNeed) -> JSONValue {
        let members: [String: JSONValue] = [
            "cluster": .string(need.cluster.name), "clusterArn": .string(need.cluster.arn),
            "launchType": .string(need.launchType.rawValue.uppercased()),
            "capacityProvider": need.capacityProvider.map { .string($0) } ?? .null,
            "tasks": .integer(Int64(need.tasks)), "cpu": .integer(Int64(need.resources.cpu.value)),
            "memory": .integer(Int64(need.resources.memory.value)),
            "largestTask": [
                "cpu": .integer(Int64(need.largest.cpu.value)), "memory": .integer(Int64(need.largest.memory.value)),
            ],
            "instancesNeeded": .integer(Int64(need.instancesNeeded)),
            "instancesWanted": .integer(Int64(need.instancesWanted)),
            "instancesRunning": .integer(Int64(need.instancesRunning)),
            "CapacityProviderReservation": .number(need.reservation),
        ]
        guard !need.idle.isEmpty else { return .object(members) }
        let idle = need.idle.map { host in
            ARN(scope: host.scope, type: "container-instance", path: [need.cluster.name, host.id]).text
        }
        return .object(members.merging(["idleInstances": .array(idle.map { .string($0) })]) { $1 })
    }
}
