import AWSWire
import Domain
import ELBShapes
import Identifiers
import LoadBalancing
import ShapeRules

extension LoadBalancerKind {
    /// - Throws: `UnsupportedFeature` for Gateway Load Balancers.
    init(wire: String?) throws(APIFault) {
        switch wire {
        case "network": self = .network
        case "gateway": throw .unsupportedFeature("Load balancers of the type 'gateway' are not supported.")
        default: self = .application
        }
    }

    var wire: String { self == .application ? "application" : "network" }
}

extension LoadBalancerScheme {
    init(wire: String?) { self = wire == "internal" ? .internal : .internetFacing }

    var wire: String { self == .internal ? "internal" : "internet-facing" }
}

extension LoadBalancerState {
    var wire: String { self == .activeImpaired ? "active_impaired" : rawValue }
}

extension LoadBalancerRecord {
    /// There is no Route 53 here, and so no zone: the form of an id for those who demand one.
    private static let hostedZone = "Z00000000BERTH"

    /// - Parameter addresses: nil where there is no data plane.
    func shape(_ addresses: AddressPool?) -> ELBShapes.LoadBalancer {
        ELBShapes.LoadBalancer(
            loadBalancerArn: id.arn, dnsName: dnsName, canonicalHostedZoneId: Self.hostedZone,
            createdTime: WireTimestamp(milliseconds: createdAt.milliseconds), loadBalancerName: id.name,
            scheme: scheme.wire, state: ELBShapes.LoadBalancerState(code: state.wire, reason: stateReason),
            type: id.kind.wire, availabilityZones: zones(addresses), securityGroups: securityGroups,
            ipAddressType: "ipv4")
    }

    /// The subnets, each in a zone of its own as on AWS: which one says nothing here. As on AWS it is network load balancers
    /// whose addresses do not change, and are told.
    func zones(_ addresses: AddressPool?) -> [ELBShapes.AvailabilityZone] {
        let letters = Array("abcdef")
        let address = id.kind == .network ? addresses?.address(addressIndex) : nil
        return subnets.enumerated().map { index, subnet in
            ELBShapes.AvailabilityZone(
                zoneName: "\(id.scope.region)\(letters[index % letters.count])", subnetId: subnet,
                loadBalancerAddresses: address.map { [ELBShapes.LoadBalancerAddress(ipAddress: $0)] } ?? [])
        }
    }
}

/// Subnets as requests name them.
enum BalancingSubnets {
    /// - Throws: `ValidationError`, `AllocationIdNotFound`, and `UnsupportedFeature` for addresses of the caller's
    ///   choice.
    static func checked(
        _ subnets: [String]?, _ mappings: [ELBShapes.SubnetMapping]?, for kind: LoadBalancerKind
    ) throws(APIFault) -> [String] {
        if subnets?.isEmpty == false, mappings?.isEmpty == false {
            throw .validation("You cannot specify both subnets and subnet mappings")
        }
        for mapping in mappings ?? [] {
            if let id = mapping.allocationId {
                throw APIFault("AllocationIdNotFound", message: "The allocation IDs '\(id.prefix(128))' do not exist")
            }
            guard mapping.privateIPv4Address == nil, mapping.iPv6Address == nil, mapping.sourceNatIpv6Prefix == nil
            else {
                throw .unsupportedFeature("Addresses of a load balancer cannot be chosen.")
            }
        }
        let given = subnets ?? mappings?.map { $0.subnetId ?? "" } ?? []
        guard !given.isEmpty else { throw .validation("At least one subnet must be specified") }
        var seen: Set<String> = []
        for subnet in given {
            guard !subnet.isEmpty, subnet.utf8.count <= 255 else {
                throw .validation("Subnet '\(subnet.prefix(255))' is not valid")
            }
            guard seen.insert(subnet).inserted else {
                throw .validation("Subnet '\(subnet)' is specified more than once")
            }
        }
        if kind == .application, given.count < 2 {
            throw .validation("At least two subnets in two different Availability Zones must be specified")
        }
        return given
    }

    /// - Throws: `UnsupportedFeature` for everything but IPv4.
    static func checkAddressType(_ type: String?) throws(APIFault) {
        guard let type, type != "ipv4" else { return }
        throw .unsupportedFeature("The IP address type '\(type)' is not supported: load balancers have IPv4 addresses.")
    }
}
