public import Foundation
public import TaskRuntime

/// Makes an OCI image archive of one layer from files given in memory. Equal inputs give equal bytes.
public struct ImageBuilder: Sendable {
    /// A file, directory or link of the image; `path` is relative to its root.
    public enum Entry: Hashable, Sendable {
        case file(path: String, mode: Int, content: Data)
        case directory(path: String, mode: Int)
        case link(path: String, target: String)
    }

    /// In the order they are written; a directory comes before what is in it.
    public var entries: [Entry]
    public var entryPoint: [String]
    public var command: [String]
    /// `NAME=VALUE`.
    public var environment: [String]
    public var workingDirectory: String
    /// Such as `SIGQUIT`; nil leaves it to the runtime.
    public var stopSignal: String?

    public init(
        entries: [Entry], entryPoint: [String] = [], command: [String] = [], environment: [String] = [],
        workingDirectory: String = "/", stopSignal: String? = nil
    ) {
        self.entries = entries
        self.entryPoint = entryPoint
        self.command = command
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.stopSignal = stopSignal
    }

    /// The three documents of an image, as a registry holds them.
    struct Parts {
        var manifest: Data
        var config: Data
        var layer: Data
    }

    private struct Config: Encodable {
        struct Process: Encodable {
            var Entrypoint: [String]?
            var Cmd: [String]?
            var Env: [String]
            var WorkingDir: String
            var StopSignal: String?
        }
        struct RootFS: Encodable {
            var type = "layers"
            var diff_ids: [String]
        }
        var architecture: String
        var os = "linux"
        var created = "1970-01-01T00:00:00Z"
        var config: Process
        var rootfs: RootFS
    }

    private struct Descriptor: Encodable {
        var mediaType: String
        var digest: String
        var size: Int
        var annotations: [String: String]?
    }

    private struct Manifest: Encodable {
        var schemaVersion = 2
        var mediaType = "application/vnd.oci.image.manifest.v1+json"
        var config: Descriptor
        var layers: [Descriptor]
    }

    private struct Index: Encodable {
        var schemaVersion = 2
        var manifests: [Descriptor]
    }

    #if arch(arm64)
        private static let architecture = "arm64"
    #else
        private static let architecture = "amd64"
    #endif

    /// The archive as `docker load` and containerd read it, under the full form of `reference`.
    ///
    /// - Throws: `.invalid` when a path is longer than 100 bytes.
    public func archive(reference: String) throws(RuntimeError) -> Data {
        let parts = try parts()
        var entry = Self.descriptor("application/vnd.oci.image.manifest.v1+json", parts.manifest)
        entry.annotations = ["io.containerd.image.name": ImageReference.normalized(reference)]
        var tar = TarArchive()
        try tar.file("oci-layout", Data(#"{"imageLayoutVersion":"1.0.0"}"#.utf8))
        try tar.file("index.json", try ContainerdRuntime.encoded(Index(manifests: [entry])))
        try tar.directory("blobs")
        try tar.directory("blobs/sha256")
        for blob in [parts.manifest, parts.config, parts.layer] {
            try tar.file("blobs/sha256/" + ImageConfig.digest(blob).dropFirst(7), blob)
        }
        return tar.finished()
    }

    func parts() throws(Failure) -> Parts {
        let layer = try layer()
        let config = try ContainerdRuntime.encoded(
            Config(
                architecture: Self.architecture,
                config: .init(
                    Entrypoint: entryPoint.isEmpty ? nil : entryPoint, Cmd: command.isEmpty ? nil : command,
                    Env: environment, WorkingDir: workingDirectory, StopSignal: stopSignal),
                rootfs: .init(diff_ids: [ImageConfig.digest(layer)])))
        let manifest = try ContainerdRuntime.encoded(
            Manifest(
                config: Self.descriptor("application/vnd.oci.image.config.v1+json", config),
                layers: [Self.descriptor("application/vnd.oci.image.layer.v1.tar", layer)]))
        return Parts(manifest: manifest, config: config, layer: layer)
    }

    private func layer() throws(Failure) -> Data {
        var tar = TarArchive()
        for entry in entries {
            switch entry {
            case .file(let path, let mode, let content): try tar.file(path, mode: mode, content)
            case .directory(let path, let mode): try tar.directory(path, mode: mode)
            case .link(let path, let target): try tar.link(path, to: target)
            }
        }
        return tar.finished()
    }

    private static func descriptor(_ type: String, _ bytes: Data) -> Descriptor {
        Descriptor(mediaType: type, digest: ImageConfig.digest(bytes), size: bytes.count, annotations: nil)
    }
}
