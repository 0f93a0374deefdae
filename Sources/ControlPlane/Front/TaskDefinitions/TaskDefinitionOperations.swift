/// The operations on task definitions and their families.
enum TaskDefinitionOperations {
    static func all(_ ports: FrontPorts) -> [Operation] {
        [
            Operation(RegisterTaskDefinition(store: ports.store)),
            Operation(DescribeTaskDefinition(store: ports.store)),
            Operation(ListTaskDefinitions(store: ports.store)),
            Operation(ListTaskDefinitionFamilies(store: ports.store)),
            Operation(DeregisterTaskDefinition(store: ports.store)),
            Operation(DeleteTaskDefinitions(store: ports.store)),
        ]
    }
}
