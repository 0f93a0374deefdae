import Domain
import Foundation
import TaskNetwork

/// Runs CNI plugin binaries: the two halves of an attachment, each with its undoing.
struct Plugins {
    let directory: String
    let bridge: String
    let files: StateFiles

    /// Gives the namespace an interface on the bridge.
    ///
    /// - Throws: `.exhausted` when the block has no free address.
    func connect(_ slot: Slot, namespace: String) throws(NetworkError) -> PluginResult {
        let output = try call(
            "ADD", .bridge(bridge, block: try slot.parsedBlock(), addressDirectory: files.addressDirectory), slot,
            namespace)
        do {
            return try JSONDecoder().decode(PluginResult.self, from: output)
        } catch {
            throw .failed("the bridge plugin gave an answer that is no CNI result")
        }
    }

    /// Takes the interface and its address back; absent is fine.
    func disconnect(_ slot: Slot, namespace: String) throws(NetworkError) {
        _ = try call(
            "DEL", .bridge(bridge, block: try slot.parsedBlock(), addressDirectory: files.addressDirectory), slot,
            namespace)
    }

    func openPorts(_ slot: Slot, namespace: String) throws(NetworkError) {
        guard !slot.bindings.isEmpty else { return }
        _ = try call("ADD", .portmap(bridge, bindings: slot.bindings, after: slot.result), slot, namespace)
    }

    func closePorts(_ slot: Slot, namespace: String) throws(NetworkError) {
        guard !slot.bindings.isEmpty else { return }
        _ = try call("DEL", .portmap(bridge, bindings: slot.bindings, after: slot.result), slot, namespace)
    }

    private func call(
        _ command: String, _ configuration: PluginConfiguration, _ slot: Slot, _ namespace: String
    ) throws(NetworkError) -> Data {
        let input: Data
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
            input = try encoder.encode(configuration)
        } catch {
            throw .failed("the configuration of the \(configuration.type) plugin could not be written")
        }
        let environment = [
            "CNI_COMMAND": command, "CNI_CONTAINERID": slot.name, "CNI_NETNS": namespace, "CNI_IFNAME": "eth0",
            "CNI_PATH": directory,
        ]
        let lock = try files.openLock(LOCK_SH)
        defer { close(lock) }
        let output = try Program.output(
            of: "\(directory)/\(configuration.type)", [], environment: environment, input: input, holding: lock)
        guard output.status == 0 else { throw failure(of: configuration.type, command, output) }
        return output.out
    }

    private func failure(of type: String, _ command: String, _ output: Program.Output) -> NetworkError {
        let text: String
        do {
            text = try JSONDecoder().decode(PluginFailure.self, from: output.out).text
        } catch {
            text = output.complaint
        }
        // host-local has no code of its own for this; the words have been the same since its first release.
        if text.contains("no IP addresses available") {
            return .exhausted("no free address in this host's block: \(text)")
        }
        return .failed("CNI plugin \(type) \(command): \(text)")
    }
}
