import Domain
import Foundation
import Identifiers
import StateStore

/// What the first start of an installation makes, once: its settings and the root key.
struct Installation: Sendable {
    var record: InstallationRecord
    var rootKey: AccessKeyRecord

    static let account = "000000000000"

    /// Reads the installation's settings and root key, making them where there are none.
    ///
    /// - Throws: `CommandFailure` when a flag contradicts what the first start fixed.
    static func establish(
        in store: some StateStore, _ options: ControlPlaneOptions, admit: (InstallationRecord) async throws -> Void
    ) async throws -> Installation {
        let state = store.committed()
        let scope =
            state.installation?.scope
            ?? Scope(account: account, region: options.region ?? ControlPlaneOptions.standardRegion)
        let record =
            state.installation
            ?? InstallationRecord(scope: scope, taskCIDR: options.taskRange ?? ControlPlaneOptions.standardTaskRange)
        try check(options, against: record)
        try await admit(record)
        let key = state.accessKeys.values().map(\.1).first { $0.principal == .root } ?? newKey(scope)
        if state.installation == nil || state.accessKeys[key.id] == nil {
            do {
                _ = try await store.commit { transaction in
                    transaction.put(record)
                    transaction.put(key)
                }
            } catch {
                throw CommandFailure("The first start could not write its settings: \(error).")
            }
        }
        return Installation(record: record, rootKey: key)
    }

    private static func check(_ options: ControlPlaneOptions, against record: InstallationRecord) throws {
        if let range = options.taskRange, range != record.taskCIDR {
            throw CommandFailure(
                "--task-cidr \(range) differs from \(record.taskCIDR), which the first start fixed. Leave the flag out, or "
                    + "use another --data-dir.")
        }
        if let region = options.region, region != record.scope.region {
            throw CommandFailure(
                "--region \(region) differs from \(record.scope.region), which the first start fixed. Leave the flag out, or "
                    + "use another --data-dir.")
        }
    }

    private static func newKey(_ scope: Scope) -> AccessKeyRecord {
        AccessKeyRecord(
            id: "AKIA" + random(16, of: "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
            secret: random(40, of: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"), scope: scope,
            principal: .root, createdAt: WallClock.now())
    }

    /// From the system's generator, which is fit for keys.
    private static func random(_ count: Int, of alphabet: String) -> String {
        var generator = SystemRandomNumberGenerator()
        return String((0..<count).compactMap { _ in alphabet.randomElement(using: &generator) })
    }
}
