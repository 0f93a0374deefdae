/// A list that records of older versions lack: it is read as empty then.
@propertyWrapper
public struct LaterList<Element: Hashable & Codable & Sendable>: Hashable, Codable, Sendable {
    public var wrappedValue: [Element]

    public init(wrappedValue: [Element]) { self.wrappedValue = wrappedValue }

    public init(from decoder: any Decoder) throws { wrappedValue = try [Element](from: decoder) }

    public func encode(to encoder: any Encoder) throws { try wrappedValue.encode(to: encoder) }
}

extension KeyedDecodingContainer {
    /// What synthesized decoding calls for a `LaterList`.
    func decode<Element>(_ type: LaterList<Element>.Type, forKey key: Key) throws -> LaterList<Element> {
        try decodeIfPresent(type, forKey: key) ?? LaterList(wrappedValue: [])
    }
}

/// Consecutive ports, both ends included; 1 to 65,535.
public struct PortRange: Hashable, Codable, Sendable {
    public var first: Int
    public var last: Int

    public init(_ first: Int, _ last: Int) {
        self.first = first
        self.last = last
    }

    public var count: Int { max(0, last - first + 1) }
    /// As the API writes it, such as `8000-8010`.
    public var text: String { "\(first)-\(last)" }

    /// Reads what `text` writes; nil for anything else, and for ports that do not exist or ranges backwards.
    public init?(text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { part in
            part.utf8.allSatisfy { (48...57).contains($0) } ? Int(part) : nil
        }
        guard parts.count == 2, let first = parts[0], let last = parts[1], first >= 1, first <= last, last <= 65535
        else { return nil }
        self.init(first, last)
    }

    public func overlaps(_ other: PortRange) -> Bool { first <= other.last && other.first <= last }
}

/// Another container of the task whose volumes a container mounts too.
public struct VolumesFrom: Hashable, Codable, Sendable {
    public var container: String
    public var readOnly: Bool

    public init(container: String, readOnly: Bool = false) {
        self.container = container
        self.readOnly = readOnly
    }
}

/// A container of the task that another reaches by name, in network mode bridge.
public struct ContainerLink: Hashable, Codable, Sendable {
    public var container: String
    /// nil: by the container's own name.
    public var alias: String?

    public init(container: String, alias: String? = nil) {
        self.container = container
        self.alias = alias
    }

    /// The name it is reached by.
    public var name: String { alias ?? container }
    /// As the API writes it: `container` or `container:alias`.
    public var text: String { alias.map { "\(container):\($0)" } ?? container }
}

/// A device of the host that a container may use.
public struct DeviceMapping: Hashable, Codable, Sendable {
    public enum Permission: String, Codable, Sendable { case read, write, mknod }

    public var hostPath: String
    /// nil: the same path as on the host.
    public var containerPath: String?
    /// Empty: all of them.
    public var permissions: [Permission]

    public init(hostPath: String, containerPath: String? = nil, permissions: [Permission] = []) {
        self.hostPath = hostPath
        self.containerPath = containerPath
        self.permissions = permissions
    }
}

/// A volume as Docker's driver `local` keeps it: a directory of the host beneath Berth's own.
public struct DockerVolume: Hashable, Codable, Sendable {
    public enum Scope: String, Codable, Sendable {
        /// Lives and dies with the task.
        case task
        /// Outlives the task; every task of the host that names it gets the same.
        case shared
    }

    public var scope: Scope
    /// Whether a shared volume is made when it is not there; nil when the caller did not say.
    public var autoprovision: Bool?
    /// As the caller named it; nil is `local`.
    public var driver: String?
    public var labels: [KeyValue]

    public init(scope: Scope, autoprovision: Bool? = nil, driver: String? = nil, labels: [KeyValue] = []) {
        self.scope = scope
        self.autoprovision = autoprovision
        self.driver = driver
        self.labels = labels
    }
}

/// Whose processes a task's containers see; nil in a definition means each its own.
public enum PIDMode: String, Codable, Sendable { case host, task }

/// Whose shared memory, semaphores and queues a task's containers see; nil in a definition means each its own.
public enum IPCMode: String, Codable, Sendable { case host, task, none }
