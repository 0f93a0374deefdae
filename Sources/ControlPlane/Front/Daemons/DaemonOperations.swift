/// The operations on daemons and what they are made of.
enum DaemonOperations {
    static func all(_ ports: FrontPorts) -> [Operation] {
        [
            Operation(RegisterDaemonTaskDefinition(store: ports.store)),
            Operation(DescribeDaemonTaskDefinition(store: ports.store)),
            Operation(ListDaemonTaskDefinitions(store: ports.store)),
            Operation(DeleteDaemonTaskDefinition(store: ports.store)),
            Operation(CreateDaemon(store: ports.store, ids: ports.ids)),
            Operation(DescribeDaemon(store: ports.store)),
            Operation(ListDaemons(store: ports.store)),
            Operation(UpdateDaemon(store: ports.store, ids: ports.ids)),
            Operation(DeleteDaemon(store: ports.store, ids: ports.ids)),
            Operation(ListDaemonDeployments(store: ports.store)),
            Operation(DescribeDaemonDeployments(store: ports.store)),
            Operation(DescribeDaemonRevisions(store: ports.store)),
        ]
    }
}
