/// The operations on instances.
enum InstanceOperations {
    static func all(_ ports: FrontPorts) -> [Operation] { [] }
}
