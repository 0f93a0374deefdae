import Domain
import ECSShapes

extension ContainerDefinition {
    static func portMappings(
        _ shapes: [ECSShapes.PortMapping], container: String, mode: NetworkMode
    ) throws(ValidationFault) -> [PortMapping] {
        if mode == .none, !shapes.isEmpty {
            throw .client("Port mappings are not supported on container when networkMode=none.")
        }
        var mappings: [PortMapping] = []
        for shape in shapes { mappings.append(try mapping(shape, container: container, mode: mode)) }
        let ports = mappings.map { Port($0.containerPort, $0.transport) }
        guard Set(mappings.map(\.containerPort)).count == Set(ports).count, Set(ports).count == ports.count else {
            throw .client("Container '\(container)' maps the same container port more than once.")
        }
        return mappings
    }

    private static func mapping(
        _ shape: ECSShapes.PortMapping, container: String, mode: NetworkMode
    ) throws(ValidationFault) -> PortMapping {
        guard let port = shape.containerPort, (1...65535).contains(port) else {
            throw .client(
                "Invalid 'containerPort' setting for container '\(container)': "
                    + "\(shape.containerPort.map(String.init) ?? "absent"). It must be between 1 and 65535.")
        }
        let transport = shape.protocol ?? "tcp"
        guard let transport = Port.Transport(rawValue: transport) else {
            throw .client("Invalid protocol '\(transport)' for container '\(container)'. Valid values are [tcp, udp].")
        }
        var hostPort = shape.hostPort ?? 0
        guard (0...65535).contains(hostPort) else {
            throw .client("Invalid 'hostPort' setting for container '\(container)': \(hostPort).")
        }
        if mode == .awsvpc || mode == .host {
            guard hostPort == 0 || hostPort == port else {
                throw .client(
                    "When networkMode=\(mode.rawValue), the host ports and container ports in port mappings must match."
                )
            }
            hostPort = port
        }
        return PortMapping(
            containerPort: port, hostPort: hostPort, transport: transport, name: shape.name,
            appProtocol: shape.appProtocol)
    }
}
