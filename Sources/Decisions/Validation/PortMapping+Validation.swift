import Domain
import ECSShapes

extension ContainerDefinition {
    /// Most port ranges of one container.
    static let rangeLimit = 100

    static func portMappings(
        _ shapes: [ECSShapes.PortMapping], container: String, mode: NetworkMode
    ) throws(ValidationFault) -> [PortMapping] {
        if mode == .none, !shapes.isEmpty {
            throw .client("Port mappings are not supported on container when networkMode=none.")
        }
        let mappings = try shapes.map { shape throws(ValidationFault) in
            try PortMapping(validating: shape, container: container, mode: mode)
        }
        if let double = PortMapping.firstOverlap(mappings) {
            throw .client(
                "Invalid 'portMappings' setting for container '\(container)': container port is used multiple times in "
                    + "task: \(double).")
        }
        let ranges = mappings.count { $0.containerPortRange != nil }
        guard ranges <= rangeLimit else {
            throw .client(
                "Invalid 'portMappings' setting for container '\(container)': \(ranges) port ranges; at most "
                    + "\(rangeLimit) are allowed.")
        }
        return mappings
    }
}

extension PortMapping {
    /// The first container port or range that another mapping covers too, whatever their protocols.
    static func firstOverlap(_ mappings: [PortMapping]) -> String? {
        let sorted = mappings.sorted { left, right in
            (left.containerPorts.first, left.containerPorts.last) < (
                right.containerPorts.first, right.containerPorts.last
            )
        }
        return zip(sorted, sorted.dropFirst()).first { $0.containerPorts.overlaps($1.containerPorts) }.map { pair in
            pair.1.containerPortRange?.text ?? String(pair.1.containerPort)
        }
    }

    init(validating shape: ECSShapes.PortMapping, container: String, mode: NetworkMode) throws(ValidationFault) {
        let word = shape.protocol ?? "tcp"
        guard let transport = Port.Transport(rawValue: word) else {
            throw .client(
                "Invalid 'protocol' setting for container '\(container)': '\(word)'. Valid values are [tcp, udp].")
        }
        if let text = shape.containerPortRange, !text.isEmpty {
            self.init(
                range: try Self.range(text, shape, container: container, mode: mode), transport: transport)
        } else {
            let ports = try Self.ports(shape, container: container, mode: mode)
            self.init(containerPort: ports.container, hostPort: ports.host, transport: transport)
        }
        name = try Self.portName(shape.name, container: container)
        appProtocol = shape.appProtocol
    }

    private static func ports(
        _ shape: ECSShapes.PortMapping, container: String, mode: NetworkMode
    ) throws(ValidationFault) -> (container: Int, host: Int) {
        guard let port = shape.containerPort, (1...65535).contains(port) else {
            throw .client(
                "Invalid 'containerPort' setting for container '\(container)': "
                    + "\(shape.containerPort.map(String.init) ?? "absent"). It must be between 1 and 65535.")
        }
        let hostPort = shape.hostPort ?? 0
        guard (0...65535).contains(hostPort) else {
            throw .client(
                "Invalid 'hostPort' setting for container '\(container)': \(hostPort). It must be between 0 and 65535.")
        }
        guard mode == .awsvpc || mode == .host else { return (port, hostPort) }
        guard hostPort == 0 || hostPort == port else {
            throw .client(
                "When networkMode=\(mode.rawValue), the host ports and container ports in port mappings must match.")
        }
        return (port, port)
    }

    private static func range(
        _ text: String, _ shape: ECSShapes.PortMapping, container: String, mode: NetworkMode
    ) throws(ValidationFault) -> PortRange {
        guard mode == .bridge || mode == .awsvpc else {
            throw .client(
                "Invalid 'containerPortRange' setting for container '\(container)': it is not supported when "
                    + "networkMode=\(mode.rawValue).")
        }
        guard (shape.containerPort ?? 0) == 0, (shape.hostPort ?? 0) == 0 else {
            throw .client(
                "Invalid 'containerPortRange' setting for container '\(container)': cannot specify both single port "
                    + "and port range.")
        }
        guard let range = PortRange(text: text), range.first < range.last else {
            throw .client(
                "Invalid 'containerPortRange' setting for container '\(container)': '\(text.prefix(100))'. It must be "
                    + "FIRST-LAST, the first less than the last, both between 1 and 65535.")
        }
        return range
    }

    /// 1 to 64 lower-case letters, digits, underscores and hyphens, no hyphen first.
    private static func portName(_ name: String?, container: String) throws(ValidationFault) -> String? {
        guard let name else { return nil }
        let isClean = name.utf8.enumerated().allSatisfy { index, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
            case UInt8(ascii: "-"): index > 0
            default: false
            }
        }
        guard isClean, (1...64).contains(name.utf8.count) else {
            throw .client(
                "Invalid 'portMappings.name' setting for container '\(container)': '\(name.prefix(100))'. It takes 1 to "
                    + "64 lower-case letters, numbers, underscores and hyphens.")
        }
        return name
    }
}
