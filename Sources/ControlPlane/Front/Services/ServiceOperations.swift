/// The operations on services.
enum ServiceOperations {
    static func all(_ ports: FrontPorts) -> [Operation] { [] }
}
