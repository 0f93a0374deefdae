package import AgentGateway
package import Logging

/// The front without its listener: a request in, its answer out. For the tools and tests of this package.
package struct BareFront: Sendable {
    private let dispatcher: Dispatcher

    package init(ports: FrontPorts, gateway: AgentGateway, logger: Logger) {
        let operations = OperationTable(ports, reports: gateway.reports) { path throws(RestoreError) in
            throw RestoreError(message: "there is no backup at \(path)")
        }
        dispatcher = Dispatcher(
            ports: ports, operations: operations, configuration: FrontConfiguration(), logger: logger)
    }

    package func answer(_ request: HTTPMessage) async -> HTTPAnswer { await dispatcher.answer(request) }
}
