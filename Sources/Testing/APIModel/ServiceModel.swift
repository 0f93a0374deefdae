import JSONBytes

/// The operations of a service and the shapes of their requests and answers, as its public service model has them.
///
/// For tools and tests that make requests; the product reads them with the generated types of `ECSShapes` and its like.
public struct ServiceModel: Sendable {
    public struct Operation: Sendable {
        /// Of services other than ECS with the prefix of their target, such as `AWSEvents.PutRule`.
        public var name: String
        public var request: String
        /// nil for an answer without members.
        public var answer: String?
        /// The exceptions that the model names for it.
        public var errors: Set<String>
    }

    /// In the order of their names.
    public let operations: [Operation]
    private let shapes: [String: ModelShape]

    /// The models that the shapes of this package were generated from.
    public static let ecs = ServiceModel(serviceModelText, prefix: "")
    /// EventBridge, as far as it is spoken here.
    public static let events = ServiceModel(eventsModelText, prefix: "AWSEvents.")
    /// CloudWatch, as far as it is spoken here.
    public static let cloudWatch = ServiceModel(cloudWatchModelText, prefix: "GraniteServiceVersion20100801.")
    /// CloudWatch Logs, likewise.
    public static let logs = ServiceModel(logsModelText, prefix: "Logs_20140328.")
    /// Application Auto Scaling.
    public static let scaling = ServiceModel(scalingModelText, prefix: "AnyScaleFrontendService.")
    /// Elastic Load Balancing, whose requests travel as forms.
    public static let balancing = ServiceModel(balancingModelText, prefix: "ElasticLoadBalancing.")
    /// Certificate Manager, as far as it is spoken here.
    public static let certificates = ServiceModel(certificatesModelText, prefix: "CertificateManager.")
    public static let all = [ecs, events, cloudWatch, logs, scaling, balancing, certificates]

    /// - Precondition: the text is a generated one.
    private init(_ text: String, prefix: String) {
        do throws(JSONError) {
            self.init(try JSONValue(jsonBytes: Array(text.utf8)), prefix: prefix)
        } catch {
            preconditionFailure("the generated service model is no JSON: \(error)")
        }
    }

    init(_ json: JSONValue, prefix: String) {
        operations = (json["operations"]?.object ?? [:]).map { name, value in
            Operation(
                name: prefix + name, request: value["request"]?.string ?? "", answer: value["answer"]?.string,
                errors: Set(value["errors"]?.array?.compactMap(\.string) ?? []))
        }.sorted { $0.name < $1.name }
        shapes = (json["shapes"]?.object ?? [:]).mapValues { ModelShape($0) }
    }

    public func operation(_ name: String) -> Operation? { operations.first { $0.name == name } }

    /// - Precondition: the name comes from this model.
    public func shape(_ name: String) -> ModelShape {
        guard let shape = shapes[name] else { preconditionFailure("the service model has no shape \(name)") }
        return shape
    }
}

/// One shape of the model.
public indirect enum ModelShape: Sendable {
    public struct Member: Sendable {
        public var name: String
        public var shape: String
        public var isRequired: Bool
    }

    public struct Bounds: Sendable {
        public var minimum: Double?
        public var maximum: Double?
    }

    /// Members in the order of their names.
    case structure([Member])
    case list(of: String, Bounds)
    case map(of: String)
    case string(values: [String], Bounds)
    /// A whole number; `isLong` where it has 64 bits.
    case integer(Bounds, isLong: Bool)
    case double(Bounds)
    case boolean
    case timestamp
    /// Any JSON.
    case document

    init(_ json: JSONValue) {
        let bounds = Bounds(minimum: json["min"]?.number, maximum: json["max"]?.number)
        switch json["kind"]?.string {
        case "structure":
            let required = Set(json["required"]?.array?.compactMap(\.string) ?? [])
            self = .structure(
                (json["members"]?.object ?? [:]).map { name, shape in
                    Member(name: name, shape: shape.string ?? "", isRequired: required.contains(name))
                }.sorted { $0.name < $1.name })
        case "list": self = .list(of: json["of"]?.string ?? "", bounds)
        case "map": self = .map(of: json["of"]?.string ?? "")
        case "string": self = .string(values: json["values"]?.array?.compactMap(\.string) ?? [], bounds)
        case "integer": self = .integer(bounds, isLong: false)
        case "long": self = .integer(bounds, isLong: true)
        case "double": self = .double(bounds)
        case "boolean": self = .boolean
        case "timestamp": self = .timestamp
        default: self = .document
        }
    }
}

extension ServiceModel {
    /// A member of a request, however deep: where it is, and what may be there.
    public struct Member: Sendable {
        /// From the request down; `[]` goes through a list, `{}` through a map.
        public var path: String
        public var shape: String

        public init(path: String, shape: String) {
            self.path = path
            self.shape = shape
        }
    }

    /// Every member that a request can have and that holds a value: structures are walked through, not listed, unless
    /// they have no members.
    public func members(of operation: Operation) -> [Member] {
        members(under: "", operation.request, inside: [])
    }

    private func members(under path: String, _ name: String, inside outer: Set<String>) -> [Member] {
        switch shape(name) {
        case .structure(let members) where !members.isEmpty && !outer.contains(name):
            members.flatMap { member in
                self.members(
                    under: path.isEmpty ? member.name : "\(path).\(member.name)", member.shape,
                    inside: outer.union([name]))
            }
        case .list(let element, _): members(under: path + "[]", element, inside: outer)
        case .map(let value): members(under: path + "{}", value, inside: outer)
        default: path.isEmpty ? [] : [Member(path: path, shape: name)]
        }
    }
}
