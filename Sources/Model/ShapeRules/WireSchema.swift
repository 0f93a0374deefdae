/// What the shapes of a service are made of, by their names.
///
/// Where a shape is named, a name that begins with a small letter is a scalar's type: `string`, `integer`, `long`,
/// `double`, `boolean` or `timestamp`.
public struct WireSchema: Sendable {
    /// The members of each structure and their shapes.
    public let structures: [String: [String: String]]
    /// The shape of each list's elements.
    public let lists: [String: String]
    /// The shape of each map's values; keys are strings.
    public let maps: [String: String]

    public init(structures: [String: [String: String]], lists: [String: String], maps: [String: String]) {
        self.structures = structures
        self.lists = lists
        self.maps = maps
    }
}

/// The operations of a service that speaks the Query protocol: a form in, XML out; and RPC v2 CBOR, where it does.
public protocol QueryOperation: ServiceOperation {
    /// The value of the parameter `Version`.
    static var version: String { get }
    static var xmlNamespace: String { get }
    static var schema: WireSchema { get }
    /// What the Query protocol calls a fault, by the fault's name, where that is not what it calls others of its kind.
    static var queryFaultCodes: [String: String] { get }
    /// The name of the structure that the form's parameters make.
    var requestShape: String { get }
    /// The name of the structure that the answer holds; nil when there is nothing in it.
    var responseShape: String? { get }
}

extension QueryOperation {
    public static var queryFaultCodes: [String: String] { [:] }
}
