import Foundation
import Identifiers

/// A directory of one test; gone with the value.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("berth-store-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func file(_ name: String) -> String { path + "/" + name }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// The wall clock of tests.
let epoch: @Sendable () -> Timestamp = { Timestamp(milliseconds: 1_700_000_000_000) }
