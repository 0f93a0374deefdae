/// The operations on tasks.
enum TaskOperations {
    static func all(_ ports: FrontPorts) -> [Operation] { [] }
}
