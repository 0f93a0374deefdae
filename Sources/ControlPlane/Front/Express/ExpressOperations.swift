/// The operations on Express gateway services.
enum ExpressOperations {
    static func all(_ ports: FrontPorts) -> [Operation] {
        [
            Operation(CreateExpressGatewayService(store: ports.store, ids: ports.ids, scaling: ports.scaling)),
            Operation(DescribeExpressGatewayService(store: ports.store)),
            Operation(UpdateExpressGatewayService(store: ports.store, ids: ports.ids, scaling: ports.scaling)),
            Operation(DeleteExpressGatewayService(store: ports.store)),
        ]
    }
}
