/// The operations on capacity providers.
enum CapacityProviderOperations {
    static func all(_ ports: FrontPorts) -> [Operation] {
        [
            Operation(CreateCapacityProvider(store: ports.store)),
            Operation(DescribeCapacityProviders(store: ports.store)),
            Operation(UpdateCapacityProvider(store: ports.store)),
            Operation(DeleteCapacityProvider(store: ports.store)),
        ]
    }
}
