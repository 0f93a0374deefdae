import Crypto
import Foundation

/// What an image's configuration says about running it.
struct ImageConfig: Codable, Equatable, Sendable {
    struct Process: Codable, Equatable, Sendable {
        var User: String?
        var Env: [String]?
        var Entrypoint: [String]?
        var Cmd: [String]?
        var WorkingDir: String?
        var StopSignal: String?
    }

    struct RootFS: Codable, Equatable, Sendable {
        var diff_ids: [String]
    }

    var config: Process?
    var rootfs: RootFS

    /// The name of the snapshot that holds all layers: each layer's digest chained onto those below it.
    ///
    /// - Source: OCI image specification, "Layer ChainID".
    var chainID: String {
        guard var chain = rootfs.diff_ids.first else { return "" }
        for layer in rootfs.diff_ids.dropFirst() { chain = Self.digest(Data("\(chain) \(layer)".utf8)) }
        return chain
    }

    /// `sha256:` and 64 hexadecimal digits.
    static func digest(_ bytes: Data) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text = Array("sha256:".utf8)
        for byte in SHA256.hash(data: bytes) {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
