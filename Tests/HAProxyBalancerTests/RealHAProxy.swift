import Balancer
import Foundation
import Glibc
import Logging
import Synchronization
import Testing

@testable import HAProxyBalancer

/// A driver with a directory of its own and small targets on loopback; all of it gone when `body` ends.
final class RealHAProxy {
    let directory: String
    private(set) var balancer: HAProxyBalancer
    private var running: Task<Void, any Error>?
    private var programs: [Program] = []
    let port = freePort()

    static let isThere = access(HAProxyProcess.program, X_OK) == 0

    private init() throws {
        directory = "/tmp/bal-" + String(UUID().uuidString.prefix(8)).lowercased()
        balancer = try HAProxyBalancer(directory: directory, logger: Logger(label: "test"))
    }

    static func with(_ body: (RealHAProxy) async throws -> Void) async throws {
        let real = try RealHAProxy()
        real.start()
        let outcome: Result<Void, any Error>
        do {
            try await body(real)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        await real.stop()
        real.programs.forEach { $0.end() }
        try await real.balancer.tearDown()
        #expect(!FileManager.default.fileExists(atPath: real.directory))
        try outcome.get()
    }

    private func start() {
        let balancer = balancer
        running = Task { try await balancer.run() }
    }

    private func stop() async {
        running?.cancel()
        _ = await running?.result
    }

    /// As a new process would find it.
    func startAnew(_ meanwhile: () async throws -> Void = {}) async throws {
        await stop()
        try await meanwhile()
        balancer = try HAProxyBalancer(directory: directory, logger: Logger(label: "test"))
        start()
    }

    /// A target that answers with its name. It is healthy when `code` is 200.
    ///
    /// - Parameter address: where it listens besides IPv4.
    func target(_ name: String, code: Int = 200, also address: String? = nil) throws -> TargetPlan {
        let port = Self.freePort()
        let words = ["\(port)", name, "\(code)"] + (address.map { [$0] } ?? [])
        programs.append(try Program("backend.py", words))
        return TargetPlan(id: name, address: "127.0.0.1", port: port)
    }

    func load(clients: Int = 8, method: String = "POST") throws -> Program {
        let program = try Program("load.py", "127.0.0.1", "\(port)", "\(clients)", method)
        programs.append(program)
        return program
    }

    /// One application load balancer at `port`.
    func plan(_ groups: [TargetGroupPlan], rules: [RulePlan] = [], action: BalancerAction? = nil) -> BalancerPlan {
        BalancerPlan(
            loadBalancers: [
                LoadBalancerPlan(
                    id: "lb", addresses: ["127.0.0.1"],
                    listeners: [
                        ListenerPlan(
                            id: "l", port: port, rules: rules,
                            defaultAction: action ?? .forward(ForwardAction(to: groups.first?.id ?? "")))
                    ])
            ], targetGroups: groups)
    }

    static func group(_ id: String, _ targets: [TargetPlan], interval: Int = 1) -> TargetGroupPlan {
        TargetGroupPlan(
            id: id,
            check: HealthCheckPlan(
                path: "/health", interval: interval, timeout: 1, healthyThreshold: 3, unhealthyThreshold: 2),
            targets: targets)
    }

    /// Applies and waits until every active target has `state`.
    func apply(_ plan: BalancerPlan, until state: TargetHealth.State? = .healthy) async throws {
        let refusals = try await balancer.apply(plan)
        #expect(refusals == [])
        guard let state else { return }
        try await until("all targets are \(state)") {
            $0.targets.allSatisfy { $0.state == state || $0.state == .draining }
        }
    }

    @discardableResult
    func until(
        _ what: String, _ isDone: (BalancerObservation) async throws -> Bool
    ) async throws -> BalancerObservation {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            let seen = try await balancer.observe()
            if try await isDone(seen) { return seen }
            guard ContinuousClock.now < deadline else { throw Late(what: what, seen: "\(seen.targets)") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    struct Late: Error {
        var what: String
        var seen: String
    }

    func curl(_ path: String, _ options: String...) throws -> Answer {
        try Self.curl(["http://127.0.0.1:\(port)\(path)"] + options)
    }

    static func curl(_ arguments: [String]) throws -> Answer {
        let output = try Program.output(of: "curl", ["-sik", "--max-time", "10", "--globoff"] + arguments)
        return Answer(output)
    }

    /// Beneath the ports that the kernel gives to clients, each only once.
    static func freePort() -> Int {
        while true {
            let port = nextPort.withLock { next in
                next = next < 29_000 ? next + 1 : 20_000
                return next
            }
            if Address.obstacle("0.0.0.0", port) == nil { return port }
        }
    }

    private static let nextPort = Mutex(20_000 + Int(getpid()) % 9_000)
}

struct Answer {
    var status: Int
    var headers: [String]
    var body: String
    /// The first line of the body: the target's name.
    var name: String { String(body.prefix { !$0.isNewline }) }

    init(_ text: String) {
        let text = text.replacingOccurrences(of: "\r\n", with: "\n")
        let end = text.range(of: "\n\n")
        let head = text[..<(end?.lowerBound ?? text.endIndex)].split(separator: "\n")
        status = head.first.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) } ?? 0
        headers = head.dropFirst().map(String.init)
        body = end.map { String(text[$0.upperBound...]) } ?? ""
    }

    /// All values of a header, whichever case it has.
    subscript(_ name: String) -> [String] {
        headers.filter { $0.lowercased().hasPrefix(name.lowercased() + ": ") }.map {
            String($0.dropFirst(name.count + 2))
        }
    }

    /// A header as the target got it.
    func forwarded(_ name: String) -> String? {
        body.split(separator: "\n").first { $0.lowercased().hasPrefix(name.lowercased() + ": ") }
            .map { String($0.dropFirst(name.count + 2)) }
    }
}

/// A program of this folder, or of the system, beside the tests.
final class Program {
    private let process = Process()
    private let output = Pipe()
    private let input = Pipe()

    convenience init(_ script: String, _ arguments: String...) throws { try self.init(script, arguments) }

    init(_ script: String, _ arguments: [String]) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", folder.appendingPathComponent(script).path] + arguments
        process.standardOutput = output
        process.standardInput = input
        try process.run()
        // "ready".
        _ = output.fileHandleForReading.availableData
    }

    /// Ends its input and gives its counts.
    func counts() throws -> [String: Int] {
        try input.fileHandleForWriting.close()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        let pairs = text.split(separator: "\n").compactMap { line -> (String, Int)? in
            let parts = line.split(separator: "=")
            return parts.count == 2 ? Int(parts[1]).map { (String(parts[0]), $0) } : nil
        }
        return Dictionary(pairs) { first, _ in first }
    }

    func end() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    static func output(of name: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [name] + arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
