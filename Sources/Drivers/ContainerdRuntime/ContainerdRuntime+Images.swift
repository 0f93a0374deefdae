import Domain
import SwiftProtobuf
import Foundation
public import TaskRuntime

/// An image of the store with what is needed to run it.
struct ResolvedImage: Sendable {
    var name: String
    var digest: String
    var bytes: Int64
    var isImported: Bool
    var config: ImageConfig

    var forPort: RuntimeImage { RuntimeImage(reference: name, digest: digest, bytes: bytes, isImported: isImported) }
}

extension ContainerdRuntime {
    private struct Descriptor: Codable {
        struct Platform: Codable {
            var architecture: String
            var os: String
        }
        var mediaType: String?
        var digest: String
        var size: Int64
        var platform: Platform?
    }

    /// An index has `manifests`, a manifest `config` and `layers`.
    private struct Manifest: Codable {
        var manifests: [Descriptor]?
        var config: Descriptor?
        var layers: [Descriptor]?
    }

    #if arch(arm64)
        private static let architecture = "arm64"
    #else
        private static let architecture = "amd64"
    #endif
    /// A manifest or configuration is small; a larger one is refused before it fills memory.
    private static let documentLimit = 8 << 20

    public func image(_ reference: String) async throws(RuntimeError) -> RuntimeImage? {
        do {
            return try await resolve(reference).forPort
        } catch .notFound {
            return nil
        }
    }

    public func pull(
        _ reference: String, authorization: RegistryAuthorization?
    ) async throws(RuntimeError) -> RuntimeImage {
        let connection = connection
        let name = ImageReference.normalized(reference)
        do {
            _ = try await connection.attempt {
                try await connection.puller.pullImage(
                    .with {
                        $0.image.image = name
                        if let authorization {
                            $0.auth.username = authorization.username
                            $0.auth.password = authorization.password
                        }
                    }, metadata: connection.metadata)
            }
        } catch .failed(let text) {
            let refused = ["401", "403", "authorization failed", "insufficient_scope"].contains { text.contains($0) }
            throw refused ? .unauthorized(text) : .failed(text)
        }
        let image = try await resolve(name).forPort
        guard image.isImported else { return image }
        try await mark(name, isImported: false)
        return try await resolve(name).forPort
    }

    /// Names only: CRI's own aliases (by digest, by configuration) belong to the name that has the same target.
    public func images() async throws(RuntimeError) -> [RuntimeImage] {
        let all = try await list()
        let tagged = all.filter { !Self.isAlias($0.name) }
        let targets = Set(tagged.map(\.target.digest))
        let pinned = all.filter { $0.name.contains("@") && !targets.contains($0.target.digest) }
        var result: [RuntimeImage] = []
        for image in (tagged + pinned).sorted(by: { $0.name < $1.name }) {
            let bytes = (try? await resolve(image).bytes) ?? image.target.size
            result.append(
                RuntimeImage(
                    reference: image.name, digest: image.target.digest, bytes: bytes,
                    isImported: Self.isImported(image)))
        }
        return result
    }

    public func removeImage(_ reference: String) async throws(RuntimeError) {
        let name = ImageReference.normalized(reference)
        let all = try await list()
        guard let image = all.first(where: { $0.name == name }) else { return }
        try await delete(name)
        let rest = all.filter { $0.name != name && $0.target.digest == image.target.digest }
        guard rest.allSatisfy({ Self.isAlias($0.name) }) else { return }
        for alias in rest { try await delete(alias.name) }
    }

    /// Imports an OCI or Docker archive and unpacks its images.
    ///
    /// - Returns: the images whose names are in the archive.
    public func importImage(archive: String) async throws(RuntimeError) -> [RuntimeImage] {
        let before = Set(
            try await list().map { "\($0.name) \($0.target.digest) \($0.updatedAt.seconds).\($0.updatedAt.nanos)" })
        let output = try await ControlProgram(socket: configuration.socket)
            .run(["images", "import", "--snapshotter", Self.snapshotter, archive])
        let names = output.split(separator: "\n").compactMap { line -> String? in
            guard line.hasPrefix("unpacking ") else { return nil }
            return line.dropFirst(10).split(separator: " ").first.map(String.init)
        }
        var found: [RuntimeImage] = []
        for name in names {
            if let image = try await marked(name) { found.append(image) }
        }
        guard found.isEmpty else { return found }
        let changed = try await list().filter {
            !before.contains("\($0.name) \($0.target.digest) \($0.updatedAt.seconds).\($0.updatedAt.nanos)")
        }
        for entry in changed {
            if let image = try await marked(entry.name) { found.append(image) }
        }
        if found.isEmpty { throw .invalid("\(archive): holds no named image: \(output)") }
        return found
    }

    /// Notes that the image was imported; nil when it is not there after all.
    private func marked(_ name: String) async throws(RuntimeError) -> RuntimeImage? {
        do {
            try await mark(name, isImported: true)
        } catch .notFound {
            return nil
        }
        return try await image(name)
    }

    private func mark(_ name: String, isImported: Bool) async throws(Failure) {
        let connection = connection
        _ = try await connection.attempt {
            try await connection.images.update(
                .with {
                    $0.image.name = name
                    $0.image.labels = [Label.imported: isImported ? "yes" : ""]
                    $0.updateMask.paths = ["labels." + Label.imported]
                }, metadata: connection.metadata)
        }
    }

    private static func isImported(_ image: Containerd_Services_Images_V1_Image) -> Bool {
        image.labels[Label.imported] == "yes"
    }

    /// - Throws: `.notFound` when the image is not in the store; `.invalid` when it is not for this machine.
    func resolve(_ reference: String) async throws(Failure) -> ResolvedImage {
        let connection = connection
        let name = ImageReference.normalized(reference)
        let entry: Containerd_Services_Images_V1_Image
        do {
            entry = try await connection.attempt {
                try await connection.images.get(.with { $0.name = name }, metadata: connection.metadata).image
            }
        } catch .notFound {
            throw .notFound("image \(reference) is not here")
        }
        return try await resolve(entry)
    }

    private func resolve(_ entry: Containerd_Services_Images_V1_Image) async throws(Failure) -> ResolvedImage {
        var manifest: Manifest = try await document(entry.target.digest)
        if let choices = manifest.manifests {
            let fitting = choices.first { choice in
                choice.platform.map { $0.os == "linux" && $0.architecture == Self.architecture } ?? true
            }
            guard let fitting else { throw .invalid("image \(entry.name) is not for linux/\(Self.architecture)") }
            manifest = try await document(fitting.digest)
        }
        guard let config = manifest.config else { throw .invalid("image \(entry.name) has no configuration") }
        let layers = (manifest.layers ?? []).reduce(Int64(0)) { $0 &+ $1.size }
        return ResolvedImage(
            name: entry.name, digest: entry.target.digest, bytes: layers &+ config.size,
            isImported: Self.isImported(entry), config: try await document(config.digest))
    }

    private func document<Document: Decodable & Sendable>(_ digest: String) async throws(Failure) -> Document {
        let bytes = try await connection.read(digest, limit: Self.documentLimit)
        do {
            return try JSONDecoder().decode(Document.self, from: bytes)
        } catch {
            throw .invalid("\(digest): \(error)")
        }
    }

    private func list() async throws(Failure) -> [Containerd_Services_Images_V1_Image] {
        let connection = connection
        return try await connection.attempt {
            try await connection.images.list(.init(), metadata: connection.metadata).images
        }
    }

    private func delete(_ name: String) async throws(Failure) {
        let connection = connection
        try await ignoringMissing {
            _ = try await connection.images.delete(
                .with {
                    $0.name = name
                    $0.sync = true
                }, metadata: connection.metadata)
        }
    }

    private static func isAlias(_ name: String) -> Bool { name.hasPrefix("sha256:") || name.contains("@") }
}
