/// The part of the OCI runtime specification that Berth fills in.
struct OCISpec: Codable, Equatable {
    var ociVersion = "1.0.2"
    var process: Process
    var root: Root
    var hostname: String?
    var mounts: [Mount]
    var annotations: [String: String]
    var linux: Linux

    struct Root: Codable, Equatable {
        var path = "rootfs"
        var readonly: Bool
    }

    struct Mount: Codable, Equatable {
        var destination: String
        var type: String
        var source: String
        var options: [String]
    }

    struct Process: Codable, Equatable {
        var terminal: Bool
        var user: User
        var args: [String]
        var env: [String]
        var cwd: String
        var capabilities: Capabilities
        var rlimits: [Rlimit]
        var noNewPrivileges: Bool
    }

    struct User: Codable, Equatable {
        var uid: UInt32
        var gid: UInt32
        var additionalGids: [UInt32]
    }

    struct Capabilities: Codable, Equatable {
        var bounding: [String]
        var effective: [String]
        var permitted: [String]
    }

    struct Rlimit: Codable, Equatable {
        var type: String
        var soft: UInt64
        var hard: UInt64
    }

    struct Linux: Codable, Equatable {
        var namespaces: [Namespace]
        var cgroupsPath: String
        var resources: Resources
        var devices: [Device]
        var seccomp: Seccomp?
        var maskedPaths: [String]
        var readonlyPaths: [String]
        var sysctl: [String: String]
        var rootfsPropagation: String?
    }

    struct Namespace: Codable, Equatable {
        var type: String
        var path: String?
    }

    struct Device: Codable, Equatable {
        var path: String
        var type: String
        var major: Int64
        var minor: Int64
        var fileMode: UInt32
        var uid: UInt32
        var gid: UInt32
    }

    struct Resources: Codable, Equatable {
        var devices: [DeviceRule]
        var memory: Memory?
        var cpu: CPU
    }

    struct DeviceRule: Codable, Equatable {
        var allow: Bool
        var type: String?
        var major: Int64?
        var minor: Int64?
        var access: String
    }

    struct Memory: Codable, Equatable {
        var limit: Int64?
        var reservation: Int64?
        var swap: Int64?
        /// Only cgroup v1 knows it.
        var swappiness: UInt64?
    }

    struct CPU: Codable, Equatable {
        var shares: UInt64
    }

    struct Seccomp: Codable, Equatable {
        var defaultAction: String
        var defaultErrnoRet: UInt32?
        var architectures: [String]
        var syscalls: [Rule]

        struct Rule: Codable, Equatable {
            var names: [String]
            var action: String
            var errnoRet: UInt32?
            var args: [Argument]
        }

        struct Argument: Codable, Equatable {
            var index: UInt32
            var value: UInt64
            var valueTwo: UInt64
            var op: String
        }
    }
}
