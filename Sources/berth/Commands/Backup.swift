import ArgumentParser
import Foundation
import Identifiers
import JSONBytes
import StateStoreSQLite

struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy the state of this installation to a file, while it runs.",
        discussion:
            "The copy is one file, checked after writing. Nothing is written over. It holds the keys: keep it private.")

    @OptionGroup var installation: InstallationOptions

    @Argument(help: "The file to write; it must not exist.")
    var file: String

    func run() throws {
        try SQLiteStateStore.backup(of: installation.files.store, to: file)
        Output.say("Backed up \(installation.files.store) to \(file).")
    }
}

struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Replace the state of this installation by a backup's.",
        discussion: """
            Works on a running control plane, and on one that is stopped or whose data file is damaged. Tasks that the backup \
            does not know are stopped by their hosts; tasks that it knows and that are gone are started anew by their services.
            """)

    @OptionGroup var installation: InstallationOptions

    @Argument(help: "A file that 'berth backup' wrote.")
    var file: String

    func run() async throws {
        let files = installation.files
        let backup = URL(fileURLWithPath: file).path
        guard FileManager.default.isReadableFile(atPath: backup) else { throw CommandFailure("Cannot read \(backup).") }
        if let client = try? ClientFile.read(files), await isRunning(client) {
            _ = try await ControlPlaneClient.with(client) { control in
                try await control.berth("Restore", ["path": .string(backup)])
            }
            Output.say("Restored \(file) into the running control plane.")
            return
        }
        try FileManager.default.createDirectory(
            atPath: files.data, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let result = try await SQLiteStateStore.restore(backup: backup, into: files.store, now: WallClock.now)
        if let damaged = result.damaged { Output.say("The damaged file was kept as \(damaged).") }
        Output.say("Restored \(file); 'berth up' or 'berth server' goes on from it.")
    }

    private func isRunning(_ client: ClientFile) async -> Bool {
        (try? await ControlPlaneClient.with(client) { await $0.isAlive() }) ?? false
    }
}
