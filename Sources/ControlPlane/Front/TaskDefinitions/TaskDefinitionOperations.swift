/// The operations on task definitions and their families.
enum TaskDefinitionOperations {
    static func all(_ ports: FrontPorts) -> [Operation] { [] }
}
