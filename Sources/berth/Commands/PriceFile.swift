import Domain
import Foundation
import JSONBytes
import Metering

/// A price list as a JSON file. What the file leaves out is as AWS publishes it; what no price list has is refused.
struct PriceFile {
    private let prices: PriceList

    init(_ prices: PriceList) { self.prices = prices }

    /// - Throws: one sentence that names the file and what is wrong with it.
    static func read(_ path: String) throws -> PriceList {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw CommandFailure("Cannot read the price file \(path).")
        }
        let value: JSONValue
        do {
            value = try JSONValue(jsonBytes: Array(bytes))
        } catch {
            throw CommandFailure("The price file \(path) is not JSON: \(error).")
        }
        do throws(PriceFault) {
            return try list(value)
        } catch {
            throw CommandFailure("The price file \(path): \(error.text)")
        }
    }

    private struct PriceFault: Error { var text: String }

    private static let processors: [(name: String, architecture: ProcessorArchitecture)] = [
        ("x86", .x86), ("arm", .arm64),
    ]

    private static func list(_ value: JSONValue) throws(PriceFault) -> PriceList {
        var list = PriceList.standard
        let file = try members(value, "it", ["currency", "fargate", "ec2", "ownHostHour"])
        if let currency = file["currency"] {
            guard let text = currency.string, !text.isEmpty else { throw PriceFault(text: "currency must be a text.") }
            list.currency = text
        }
        if let own = file["ownHostHour"] { list.ownHostHour = try price(own, "ownHostHour") }
        if let fargate = file["fargate"] { try read(fargate, into: &list) }
        if let types = file["ec2"] {
            guard let types = types.array else { throw PriceFault(text: "ec2 must be a list of instance types.") }
            list.instances = []
            for type in types { list.instances.append(try instance(type)) }
        }
        return list
    }

    private static func read(_ value: JSONValue, into list: inout PriceList) throws(PriceFault) {
        let fargate = try members(value, "fargate", ["x86", "arm", "storageGBHour", "spotDiscount"])
        for (name, architecture) in processors {
            guard let value = fargate[name] else { continue }
            let prices = try members(value, "fargate.\(name)", ["vcpuHour", "gbHour"])
            list.fargate[architecture] = PriceList.Fargate(
                vCPUHour: try price(prices["vcpuHour"], "fargate.\(name).vcpuHour"),
                gbHour: try price(prices["gbHour"], "fargate.\(name).gbHour"))
        }
        if let storage = fargate["storageGBHour"] { list.storageGBHour = try price(storage, "fargate.storageGBHour") }
        if let discount = fargate["spotDiscount"] {
            list.spotDiscount = try price(discount, "fargate.spotDiscount")
            guard list.spotDiscount <= 1 else { throw PriceFault(text: "fargate.spotDiscount must be 0 to 1.") }
        }
    }

    private static func instance(_ value: JSONValue) throws(PriceFault) -> PriceList.Instance {
        let type = try members(value, "ec2", ["type", "processor", "vcpus", "memoryGiB", "hour"])
        guard let name = type["type"]?.string, !name.isEmpty else {
            throw PriceFault(text: "each of ec2 must have a type, such as m5.large.")
        }
        let processor = type["processor"]?.string
        guard let architecture = processors.first(where: { $0.name == processor })?.architecture else {
            throw PriceFault(text: "the processor of \(name) must be x86 or arm.")
        }
        let vCPUs = try price(type["vcpus"], "vcpus of \(name)")
        let memory = try price(type["memoryGiB"], "memoryGiB of \(name)")
        guard vCPUs > 0, memory > 0 else { throw PriceFault(text: "vcpus and memoryGiB of \(name) must be above 0.") }
        return PriceList.Instance(
            type: name, architecture: architecture, vCPUs: vCPUs, memory: memory,
            hour: try price(type["hour"], "hour of \(name)"))
    }

    private static func members(
        _ value: JSONValue, _ place: String, _ known: Set<String>
    ) throws(PriceFault) -> [String: JSONValue] {
        guard let members = value.object else { throw PriceFault(text: "\(place) must be a JSON object.") }
        if let unknown = members.keys.sorted().first(where: { !known.contains($0) }) {
            throw PriceFault(
                text: "\(place) has no member '\(unknown)', only \(known.sorted().joined(separator: ", ")).")
        }
        return members
    }

    private static func price(_ value: JSONValue?, _ name: String) throws(PriceFault) -> Double {
        guard let number = value?.number, number >= 0, number.isFinite else {
            throw PriceFault(text: "\(name) must be a number that is not negative.")
        }
        return number
    }

    var text: String {
        let fargate = Self.processors.compactMap { name, architecture in
            prices.fargate[architecture].map { #""\#(name)": {"vcpuHour": \#($0.vCPUHour), "gbHour": \#($0.gbHour)}"# }
        }
        let instances = prices.instances.map { instance in
            let processor = Self.processors.first { $0.architecture == instance.architecture }?.name ?? ""
            return #"{"type": "\#(instance.type)", "processor": "\#(processor)", "vcpus": \#(instance.vCPUs), "#
                + #""memoryGiB": \#(instance.memory), "hour": \#(instance.hour)}"#
        }
        return """
            {
              "currency": "\(prices.currency)",
              "fargate": {
                \(fargate.joined(separator: ",\n    ")),
                "storageGBHour": \(prices.storageGBHour), "spotDiscount": \(prices.spotDiscount)
              },
              "ec2": [
                \(instances.joined(separator: ",\n    "))
              ],
              "ownHostHour": \(prices.ownHostHour)
            }
            """
    }
}
