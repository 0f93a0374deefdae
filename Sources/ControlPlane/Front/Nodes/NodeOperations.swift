/// The operations on nodes.
enum NodeOperations {
    static func all(_ ports: FrontPorts) -> [Operation] { [] }
}
