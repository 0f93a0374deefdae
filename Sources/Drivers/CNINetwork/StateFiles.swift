import Foundation
import TaskNetwork

/// The driver's memory on disk: one file per namespace, and one about the host before Berth touched it.
///
/// Files are replaced by renaming, so that a crash leaves the old or the new text, never half of one.
struct StateFiles {
    let directory: String

    var addressDirectory: String { "\(directory)/addresses" }
    private var slotDirectory: String { "\(directory)/namespaces" }
    private var hostFile: String { "\(directory)/host.json" }

    func slots() throws(NetworkError) -> [Slot] {
        let names = try perform("read \(slotDirectory)") {
            FileManager.default.fileExists(atPath: slotDirectory)
                ? try FileManager.default.contentsOfDirectory(atPath: slotDirectory) : []
        }
        var slots: [Slot] = []
        for name in names.sorted() where name.hasSuffix(".json") {
            slots.append(try read(Slot.self, from: "\(slotDirectory)/\(name)"))
        }
        return slots
    }

    func write(_ slot: Slot) throws(NetworkError) { try write(slot, to: file(of: slot.name), in: slotDirectory) }

    func removeSlot(_ name: String) throws(NetworkError) { try remove(file(of: name)) }

    func host() throws(NetworkError) -> HostRecord? {
        FileManager.default.fileExists(atPath: hostFile) ? try read(HostRecord.self, from: hostFile) : nil
    }

    func write(_ host: HostRecord) throws(NetworkError) { try write(host, to: hostFile, in: directory) }

    /// Removes everything, the directory included.
    func removeAll() throws(NetworkError) { try remove(directory) }

    private func file(of slot: String) -> String { "\(slotDirectory)/\(slot).json" }

    private func read<Value: Decodable>(_ type: Value.Type, from file: String) throws(NetworkError) -> Value {
        try perform("read \(file)") {
            try JSONDecoder().decode(type, from: Data(contentsOf: URL(fileURLWithPath: file)))
        }
    }

    private func write(_ value: some Encodable, to file: String, in directory: String) throws(NetworkError) {
        try perform("write \(file)") {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try encoder.encode(value).write(to: URL(fileURLWithPath: file), options: .atomic)
        }
    }

    private func remove(_ path: String) throws(NetworkError) {
        try perform("remove \(path)") {
            if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
        }
    }

    private func perform<Result>(_ what: String, _ body: () throws -> Result) throws(NetworkError) -> Result {
        do { return try body() } catch { throw .failed("could not \(what): \(error.localizedDescription)") }
    }
}
