import Foundation
import TaskNetwork

/// One agent's memory on disk: one file per namespace, and one about what it was asked to prepare.
struct StateFiles {
    let directory: String

    var addressDirectory: String { "\(directory)/addresses" }
    private var slotDirectory: String { "\(directory)/namespaces" }
    private var planFile: String { "\(directory)/plan.json" }

    func slots() throws(NetworkError) -> [Slot] {
        var slots: [Slot] = []
        for name in try JSONFile.names(in: slotDirectory) where name.hasSuffix(".json") {
            if let slot = try JSONFile.read(Slot.self, from: "\(slotDirectory)/\(name)") { slots.append(slot) }
        }
        return slots
    }

    func write(_ slot: Slot) throws(NetworkError) { try JSONFile.write(slot, to: file(of: slot.name)) }

    func removeSlot(_ name: String) throws(NetworkError) { try JSONFile.remove(file(of: name)) }

    func plan() throws(NetworkError) -> PlanRecord? { try JSONFile.read(PlanRecord.self, from: planFile) }

    func write(_ plan: PlanRecord) throws(NetworkError) { try JSONFile.write(plan, to: planFile) }

    /// Opens the lock that plugins share while they run, those included that outlive the process which started them.
    func openLock(_ mode: Int32) throws(NetworkError) -> Int32 {
        try JSONFile.makeDirectory(directory)
        let lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard lock >= 0 else { throw .failed("could not open \(directory): \(Program.errorText(-errno))") }
        guard flock(lock, mode) == 0 else {
            let failure = -errno
            close(lock)
            throw .failed("could not lock \(directory): \(Program.errorText(failure))")
        }
        return lock
    }

    /// Removes everything, the directory included.
    func removeAll() throws(NetworkError) { try JSONFile.remove(directory) }

    private func file(of slot: String) -> String { "\(slotDirectory)/\(slot).json" }
}
