/// The operations on daemons and what they are made of.
enum DaemonOperations {
    static func all(_ ports: FrontPorts) -> [Operation] {
        [
            Operation(RegisterDaemonTaskDefinition(store: ports.store)),
            Operation(DescribeDaemonTaskDefinition(store: ports.store)),
            Operation(ListDaemonTaskDefinitions(store: ports.store)),
            Operation(DeleteDaemonTaskDefinition(store: ports.store)),
        ]
    }
}
