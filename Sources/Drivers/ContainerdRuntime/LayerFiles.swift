import Foundation
import Glibc

/// Reads a few files of a container's root before it is mounted, from the layers that will be its overlay.
struct LayerFiles {
    /// Larger files are taken for absent: `/etc/passwd` is small, and the image is not ours.
    private static let sizeLimit = 1 << 20

    /// Directories on the host, topmost first.
    let layers: [String]

    /// The layers behind containerd's mounts: one bind, or one overlay.
    init(mounts: [Containerd_Types_Mount]) {
        var layers: [String] = []
        for mount in mounts {
            if mount.type == "bind" { layers.append(mount.source) }
            for option in mount.options {
                if option.hasPrefix("upperdir=") { layers.insert(String(option.dropFirst(9)), at: 0) }
                if option.hasPrefix("lowerdir=") {
                    layers += option.dropFirst(9).split(separator: ":").map(String.init)
                }
            }
        }
        self.layers = layers
    }

    init(layers: [String]) { self.layers = layers }

    /// Text of `/etc/NAME`, or nil. Symbolic links are not followed: they would leave the layer.
    /// A file that a layer deleted shows as a device there, and so as nil.
    func text(inEtc name: String) -> String? {
        for layer in layers {
            var status = stat()
            let directory = layer + "/etc"
            guard lstat(directory, &status) == 0 else { continue }
            guard status.st_mode & S_IFMT == S_IFDIR else { return nil }
            let path = directory + "/" + name
            if lstat(path, &status) == 0 {
                guard status.st_mode & S_IFMT == S_IFREG, Int(status.st_size) <= Self.sizeLimit else { return nil }
                return (try? Data(contentsOf: URL(fileURLWithPath: path))).map { String(decoding: $0, as: UTF8.self) }
            }
        }
        return nil
    }
}
