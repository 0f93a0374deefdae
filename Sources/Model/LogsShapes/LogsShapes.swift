public import ShapeRules

/// The wire shapes of CloudWatch Logs' API, as far as Berth serves it, generated from the public service model.
public enum LogsShapes {}

/// The request of one operation of CloudWatch Logs.
public protocol LogsRequest: ServiceRequest where Operation == LogsOperation {}

extension LogsOperation: ServiceOperation {
    public var violationCode: String { "InvalidParameterException" }
}
