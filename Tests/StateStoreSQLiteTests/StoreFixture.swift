import Domain
import Foundation
import Identifiers
import StateStore
import StateStoreSQLite

enum Fixture {
    static let scope = Scope(account: "000000000000", region: "us-east-1")

    static func family(_ name: String, _ latest: Int = 1) -> FamilyRecord {
        FamilyRecord(id: FamilyID(scope: scope, name: name), latestRevision: latest)
    }

    static func installation(epoch: Int) -> InstallationRecord {
        InstallationRecord(scope: scope, taskCIDR: "10.99.0.0/16", epoch: epoch)
    }

    /// A closed data file with `count` families and an installation.
    static func makeFile(_ path: String, families count: Int = 200) async throws {
        let store = try SQLiteStateStore.open(path: path, now: epoch)
        _ = try await store.commit { $0.put(installation(epoch: 1)) }
        for number in 0..<count { _ = try await store.commit { $0.put(family("family\(number)", number)) } }
        store.close()
    }

    static func records(_ snapshot: StateSnapshot) -> [FamilyRecord] { snapshot.families.values().map { $0.1 } }

    static func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

    static func write(_ bytes: Data, to path: String) throws { try bytes.write(to: URL(fileURLWithPath: path)) }
}
