import Foundation
import FoundationNetworking
import Glibc
import TaskRuntime

@testable import ContainerdRuntime

/// Debian's registry program on loopback, without TLS, with its files in a directory of its own.
final class TestRegistry {
    let authority: String
    private let directory: String
    private let process = Process()

    init() async throws {
        let port = try Self.freePort()
        authority = "127.0.0.1:\(port)"
        directory = NSTemporaryDirectory() + "berth-registry-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let configuration = """
            version: 0.1
            log: {level: error, accesslog: {disabled: true}}
            storage: {filesystem: {rootdirectory: \(directory)}}
            http: {addr: "\(authority)"}

            """
        try configuration.write(toFile: directory + "/config.yml", atomically: true, encoding: .utf8)
        process.executableURL = URL(fileURLWithPath: "/usr/bin/docker-registry")
        process.arguments = ["serve", directory + "/config.yml"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let deadline = ContinuousClock.now + .seconds(20)
        while (try? await send("GET", "/v2/"))?.statusCode != 200 {
            guard ContinuousClock.now < deadline else { throw RuntimeError.failed("the registry does not answer") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Pushes an image as any client does: its blobs, then the manifest under the tag.
    func push(_ image: ImageBuilder, _ name: String, tag: String) async throws {
        let parts = try image.parts()
        for blob in [parts.config, parts.layer] {
            let begun = try await send("POST", "/v2/\(name)/blobs/uploads/")
            guard let place = begun.value(forHTTPHeaderField: "Location").flatMap({ URLComponents(string: $0) }) else {
                throw RuntimeError.failed("the registry takes no upload: \(begun.statusCode)")
            }
            let query = (place.percentEncodedQuery.map { $0 + "&" } ?? "") + "digest=" + ImageConfig.digest(blob)
            try await put("\(place.percentEncodedPath)?\(query)", "application/octet-stream", blob)
        }
        try await put(
            "/v2/\(name)/manifests/\(tag)", "application/vnd.oci.image.manifest.v1+json", parts.manifest)
    }

    private func put(_ path: String, _ type: String, _ body: Data) async throws {
        let answer = try await send("PUT", path, type, body)
        guard answer.statusCode == 201 else { throw RuntimeError.failed("PUT \(path): \(answer.statusCode)") }
    }

    private func send(
        _ method: String, _ path: String, _ type: String? = nil, _ body: Data = Data()
    ) async throws -> HTTPURLResponse {
        guard let url = URL(string: "http://\(authority)\(path)") else { throw RuntimeError.invalid(path) }
        var request = URLRequest(url: url)
        request.httpMethod = method
        if let type { request.setValue(type, forHTTPHeaderField: "Content-Type") }
        let (_, response) =
            method == "GET"
            ? try await URLSession.shared.data(for: request)
            : try await URLSession.shared.upload(for: request, from: body)
        guard let answer = response as? HTTPURLResponse else { throw RuntimeError.failed("no HTTP answer") }
        return answer
    }

    private static func freePort() throws -> UInt16 {
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(handle) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isKnown = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(handle, $0, length) == 0 && getsockname(handle, $0, &length) == 0
            }
        }
        guard isKnown else { throw RuntimeError.failed("no free port") }
        return UInt16(bigEndian: address.sin_port)
    }
}
