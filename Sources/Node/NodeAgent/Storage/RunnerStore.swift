import Domain
import Foundation
import Identifiers

/// The records of this host's tasks on disk: one small JSON file each.
struct RunnerStore: Sendable {
    /// The form this version writes; it reads all older ones. A file of a newer one is not touched: the agent refuses to
    /// start on it. It grows with a member that an older agent must not leave out, such as those of form 2 of assignments.
    static let version = 2

    struct Loaded: Sendable {
        var records: [TaskRunnerRecord] = []
        /// Files that could not be read, with the reason.
        var corrupt: [(path: String, reason: String)] = []
    }

    struct NewerVersion: Error, CustomStringConvertible {
        var path: String
        var version: Int
        var description: String {
            "\(path) is in form \(version) and this version of Berth reads forms up to \(RunnerStore.version): "
                + "start the newer version again, or end this host's tasks with it first (berth down)"
        }
    }

    private struct Envelope: Codable {
        var version: Int
        var record: TaskRunnerRecord
    }
    private struct Header: Codable { var version: Int }

    let directory: NodeDirectory

    private func path(_ task: TaskID) -> String { "\(directory.tasks)/\(task.id).json" }

    /// Returns once the record is on disk.
    func save(_ record: TaskRunnerRecord) throws {
        let bytes = try JSONEncoder().encode(Envelope(version: Self.version, record: record))
        try DurableFile.write(Array(bytes), to: path(record.id))
    }

    /// Whether a task, by its id without the ARN, has stopped; one that is forgotten has.
    ///
    /// - Throws: when its record is there and cannot be read.
    func hasStopped(_ task: String) throws -> Bool {
        let path = "\(directory.tasks)/\(task).json"
        guard FileManager.default.fileExists(atPath: path) else { return true }
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        return try JSONDecoder().decode(Envelope.self, from: data).record.stoppedAt != nil
    }

    func forget(_ task: TaskID) throws { try DurableFile.remove(path(task)) }

    /// Reads every record, in the order of task ids. A file that cannot be read is set aside under another name.
    ///
    /// - Throws: `NewerVersion`.
    func load() throws -> Loaded {
        var loaded = Loaded()
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.tasks)
        for name in names.sorted() where name.hasSuffix(".json") {
            let path = "\(directory.tasks)/\(name)"
            do {
                let data = try Data(contentsOf: URL(fileURLWithPath: path))
                let version = try JSONDecoder().decode(Header.self, from: data).version
                if version > Self.version { throw NewerVersion(path: path, version: version) }
                let record = try JSONDecoder().decode(Envelope.self, from: data).record
                guard record.containers.count == record.assignment.containers.count else {
                    throw CocoaError(.fileReadCorruptFile)
                }
                loaded.records.append(record)
            } catch let error as NewerVersion {
                throw error
            } catch {
                loaded.corrupt.append((path, "\(error)"))
                try FileManager.default.moveItem(atPath: path, toPath: "\(path).corrupt-\(UUID().uuidString)")
            }
        }
        return loaded
    }
}
