import AWSWire
import Domain
import ECSShapes
import Identifiers
import JSONBytes
import ShapeRules

/// One operation of the API: a request in, an answer or a fault out.
///
/// A handler holds the ports that it needs and nothing else. The request was checked against the service model already;
/// what the model cannot say is the handler's.
protocol OperationHandler: Sendable {
    associatedtype Request: JSONReadable & ConstrainedShape & Sendable
    associatedtype Answer: JSONWritable

    func answer(_ request: Request, _ call: APICall) async throws(APIFault) -> Answer
}

/// Who calls, when, and how they reached this server.
struct APICall: Sendable {
    /// nil only for operations that need no signature.
    var principal: Principal?
    /// As what the calling host joined; nil for other callers.
    var joined: JoinedCapacity?
    /// The account and region that the request is about.
    var scope: Scope
    var requestID: String
    var now: Timestamp
    /// This server's address as the caller reached it, such as `http://127.0.0.1:4566`.
    var origin: String

    /// Who is named as creator of what this call makes.
    var callerARN: String {
        switch principal {
        case .node(let instance): "arn:aws:sts::\(scope.account):assumed-role/berth-node/\(instance.id)"
        case .root, nil: "arn:aws:iam::\(scope.account):root"
        }
    }
}

/// A handler under its name on the wire, over bytes.
struct Operation: Sendable {
    /// The value of `X-Amz-Target`.
    let target: String
    let run: @Sendable ([UInt8], APICall) async throws(APIFault) -> [UInt8]

    static let ecsPrefix = ECSOperation.targetPrefix + "."
    static let berthPrefix = "Berth."

    /// An operation of an AWS service.
    init(_ operation: some ServiceOperation, _ handler: some OperationHandler) {
        self.init(target: operation.target, violationCode: operation.violationCode, handler)
    }

    /// An operation whose request is the generated shape.
    init<Handler: OperationHandler>(_ handler: Handler) where Handler.Request: ServiceRequest {
        self.init(Handler.Request.operation, handler)
    }

    /// An operation of Berth's own.
    init(berth name: String, _ handler: some OperationHandler) {
        self.init(target: Self.berthPrefix + name, violationCode: "InvalidParameterException", handler)
    }

    private init<Handler: OperationHandler>(target: String, violationCode: String, _ handler: Handler) {
        self.target = target
        run = { (body, call) async throws(APIFault) in
            let request = try JSON11.decode(body, as: Handler.Request.self)
            if let violation = request.violations().first {
                throw APIFault(violationCode, message: violation.message)
            }
            return try await handler.answer(request, call).jsonBytes()
        }
    }
}

extension ServiceOperation {
    /// The value of `X-Amz-Target`.
    var target: String { "\(Self.targetPrefix).\(rawValue)" }
}
