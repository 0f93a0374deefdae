import ArgumentParser
import Foundation
import JSONBytes

struct Events: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what happened to tasks, container instances, services and deployments.",
        discussion: """
            One event a line, as JSON in the shape in which EventBridge delivers those of ECS, oldest first. Without --since and
            --after it begins with the oldest that is kept, with --follow with what happens from now on. Events are kept as
            long as the commits they tell of: 64 MiB of them.
            """)

    @OptionGroup var installation: InstallationOptions

    @Flag(name: .shortAndLong, help: "Go on with what happens from now on, over restarts of the control plane.")
    var follow = false

    @Option(help: ArgumentHelp("Only what is younger: 90s, 10m, 2h, 7d, or a time such as 2026-01-31T12:00:00Z."))
    var since: String?

    @Option(help: ArgumentHelp("Go on behind the event with this id.", valueName: "id"))
    var after: String?

    func validate() throws {
        if since != nil, after != nil { throw ValidationError("Give --since or --after, not both.") }
        if let since, Self.time(since, now: Date()) == nil {
            throw ValidationError(
                "--since takes 90s, 10m, 2h, 7d or a time such as 2026-01-31T12:00:00Z, got '\(since)'.")
        }
    }

    func run() async throws {
        let file = try ClientFile.read(installation.files)
        try await ControlPlaneClient.with(file) { client in
            var request = first
            var isAway = false
            while true {
                guard let answer = try await answer(client, request) else {
                    if !isAway { warn("The control plane does not answer; waiting for it.") }
                    isAway = true
                    continue
                }
                isAway = false
                if answer["isGap"]?.boolean == true {
                    warn("Events between are no longer kept, or a backup was restored.")
                }
                for event in answer["events"]?.array ?? [] {
                    FileHandle.standardOutput.write(Data(event.jsonBytes() + [UInt8(ascii: "\n")]))
                }
                request = ["after": answer["next"] ?? "now"]
                if answer["hasMore"]?.boolean == true { continue }
                guard follow else { return }
                try await Task.sleep(for: .milliseconds(250))
            }
        }
    }

    private func warn(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

    private var first: JSONValue {
        if let after { return ["after": .string(after)] }
        if let since, let time = Self.time(since, now: Date()) {
            return ["since": .integer(Int64(time.timeIntervalSince1970 * 1000))]
        }
        return follow ? ["after": "now"] : [:]
    }

    /// nil while the control plane is away: who follows waits for it.
    private func answer(_ client: ControlPlaneClient, _ request: JSONValue) async throws -> JSONValue? {
        do {
            return try await client.berth("Events", request)
        } catch let error where follow && !(error is APICallFailure) && !(error is CancellationError) {
            try await Task.sleep(for: .seconds(1))
            return nil
        }
    }

    static func time(_ text: String, now: Date) -> Date? {
        if let date = ISO8601DateFormatter().date(from: text) { return date }
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Double(text.dropLast()), count >= 0,
            count.isFinite
        else { return nil }
        return now.addingTimeInterval(-count * unit)
    }
}
