import ACMShapes
import AWSWire
import CloudWatchShapes
import ECSShapes
import ELBShapes
import EventsShapes
import LogsShapes
import ScalingShapes
import ShapeRules

/// The AWS services that are served at this one address, told apart by what requests ask for.
enum ServedServices {
    private static let json: [any ServiceOperation.Type] = [
        ECSOperation.self, EventsOperation.self, ACMOperation.self, CloudWatchOperation.self, LogsOperation.self,
        ScalingOperation.self,
    ]
    /// Those that are asked with a form and answer with XML.
    private static let query: [any QueryOperation.Type] = [ELBOperation.self, CloudWatchOperation.self]
    /// Those that are asked with CBOR.
    private static let cbor: [any QueryOperation.Type] = [CloudWatchOperation.self]

    /// The service whose operation a target, such as the header `X-Amz-Target`, names; ECS when it names none that is
    /// known.
    static func service(of target: String?) -> any ServiceOperation.Type {
        guard let target else { return ECSOperation.self }
        return (json + query).first { target.hasPrefix($0.targetPrefix + ".") } ?? ECSOperation.self
    }

    static func speaksJSON(_ service: any ServiceOperation.Type) -> Bool { json.contains { $0 == service } }

    /// The service that a path of RPC v2 CBOR names.
    static func service(path name: String) -> (any QueryOperation.Type)? { cbor.first { $0.targetPrefix == name } }

    /// What a form asks for; nil when there is no such operation in that version.
    static func operation(_ form: QueryForm) -> (any QueryOperation)? {
        for service in query where service.version == form.version {
            if let operation = form.action.flatMap({ service.named($0) }) { return operation }
        }
        return nil
    }

    /// Whether a form asks for an operation that the service has and Berth has not.
    static func isUnserved(_ form: QueryForm) -> Bool {
        query.contains { $0.version == form.version && $0.unserved.contains(form.action ?? "") }
    }

    /// The names that a form's signature may be for: that of its operation, or of any while it names none.
    static func signingNames(_ operation: (any QueryOperation)?) -> Set<String> {
        operation.map { [type(of: $0).signingName] } ?? Set(query.map { $0.signingName })
    }
}

extension ServiceOperation {
    static func has(_ name: String) -> Bool { Self(rawValue: name) != nil }
}

extension QueryOperation {
    static func named(_ action: String) -> (any QueryOperation)? { Self(rawValue: action) }
}
