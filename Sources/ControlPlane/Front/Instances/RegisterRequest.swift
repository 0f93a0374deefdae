import ECSShapes
import JSONBytes
import ShapeRules

/// A registration with the member that Berth's own agent adds.
struct RegisterRequest: JSONReadable, ConstrainedShape, Sendable {
    var shape: ECSShapes.RegisterContainerInstanceRequest
    /// Where other hosts reach this one; nil from stock agents.
    var nodeAddress: String?
    var isOwnAgent: Bool

    init(json reader: inout JSONReader) throws(JSONError) {
        var again = reader
        shape = try ECSShapes.RegisterContainerInstanceRequest(json: &reader)
        let members = try JSONValue(json: &again)
        isOwnAgent = members["berth"] != nil
        nodeAddress = members["berth"]?["nodeAddress"]?.string
    }

    func check(_ checker: inout ShapeChecker) { shape.check(&checker) }
}

/// The answer to a registration, with the network that Berth's own agent sets up.
struct RegisterAnswer: JSONWritable, Sendable {
    var instance: ECSShapes.ContainerInstance
    /// nil for stock agents.
    var network: Network?

    struct Network: Sendable {
        var taskRange: String
        var block: String
    }

    func write(json writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("containerInstance", instance)
        if let network {
            let member: JSONValue = [
                "version": 1,
                "network": ["taskRange": .string(network.taskRange), "block": .string(network.block)],
            ]
            writer.member("berth", member)
        }
        writer.endObject()
    }
}
