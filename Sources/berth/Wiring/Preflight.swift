import Foundation
import HAProxyBalancer

/// Checks what `berth up`, `berth server` and `berth agent` need of the machine before anything is changed on it.
enum Preflight {
    /// Programs a node runs, where Debian puts them, and the package that brings them.
    private static let programs = [
        ("containerd", ["/usr/bin/containerd", "/usr/local/bin/containerd"], "containerd"),
        (
            "containerd-shim-runc-v2", ["/usr/bin/containerd-shim-runc-v2", "/usr/local/bin/containerd-shim-runc-v2"],
            "containerd"
        ),
        ("runc", ["/usr/sbin/runc", "/usr/bin/runc", "/usr/local/sbin/runc"], "runc"),
        ("the CNI plugin bridge", ["/usr/lib/cni/bridge"], "containernetworking-plugins"),
        ("iptables", ["/usr/sbin/iptables", "/sbin/iptables"], "iptables"),
        ("ip", ["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip"], "iproute2"),
    ]

    /// Capabilities that containers and their networks need, by bit.
    /// - Source: linux/capability.h
    private static let capabilities = [
        (12, "CAP_NET_ADMIN"), (13, "CAP_NET_RAW"), (21, "CAP_SYS_ADMIN"), (18, "CAP_SYS_CHROOT"),
    ]

    /// - Throws: `CommandFailure`, one sentence, for the first thing that is missing.
    static func checkNode() throws {
        guard geteuid() == 0 else {
            throw CommandFailure(
                "Running containers needs root, and this is user \(geteuid()). Run it with sudo, or use 'berth server' "
                    + "for a control plane alone.")
        }
        if let missing = missingCapability() {
            throw CommandFailure(
                "Running containers needs \(missing), which this process does not have. Run it on the machine itself, or "
                    + "in a container that was given the capability.")
        }
        for (name, paths, package) in programs where !paths.contains(where: FileManager.default.isExecutableFile) {
            throw CommandFailure("Running containers needs \(Self.absent(name, paths, package))")
        }
    }

    /// One sentence when the program that load balancers run on is missing; the control plane's machine alone needs it.
    static func missingBalancer() -> String? {
        let program = HAProxyBalancer.program
        guard !FileManager.default.isExecutableFile(atPath: program) else { return nil }
        return "Load balancers need \(absent("haproxy", [program], "haproxy"))"
    }

    private static func absent(_ name: String, _ paths: [String], _ package: String) -> String {
        "\(name), which is not at \(paths[0]). On Debian and Ubuntu: apt-get install \(package)."
    }

    private static func missingCapability() -> String? {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("CapEff:") }),
            let mask = UInt64(line.dropFirst("CapEff:".count).filter(\.isHexDigit), radix: 16)
        else { return nil }
        return capabilities.first { mask & (1 << UInt64($0.0)) == 0 }?.1
    }
}
