import AWSWire
import AgentGateway
import Domain
import ELBShapes
import Identifiers
import JSONBytes
import LoadBalancing
import StateStore
import TestKit
import Testing

@testable import Front

/// A front whose operations of Elastic Load Balancing are called past their forms: those have tests of their own.
struct Balancing {
    let front: FrontHarness
    private let operations: OperationTable

    init() async throws {
        front = try await FrontHarness()
        operations = OperationTable(front.ports, reports: front.gateway.reports) { _ throws(RestoreError) in }
    }

    var state: StateSnapshot { front.store.committed() }

    @discardableResult
    func call(_ operation: ELBOperation, _ request: JSONValue) async throws -> JSONValue {
        let call = APICall(
            principal: .root, scope: .test, requestID: "r", now: front.time.now, origin: "http://127.0.0.1:4566")
        return try JSONValue(jsonBytes: await operations.operation(operation).run(request.jsonBytes(), call))
    }

    func fault(_ operation: ELBOperation, _ request: JSONValue) async -> String? {
        do {
            try await call(operation, request)
            return nil
        } catch { return (error as? APIFault)?.code }
    }

    /// Makes an application load balancer and gives its ARN.
    func loadBalancer(_ name: String = "web", _ type: String = "application") async throws -> String {
        let made = try await call(
            .createLoadBalancer, ["Name": .string(name), "Subnets": ["subnet-1", "subnet-2"], "Type": .string(type)])
        return try #require(made["LoadBalancers"]?[0]?["LoadBalancerArn"]?.string)
    }

    func group(_ name: String, _ more: [String: JSONValue] = [:]) async throws -> String {
        let request: [String: JSONValue] = [
            "Name": .string(name), "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-1", "TargetType": "ip",
        ]
        let made = try await call(.createTargetGroup, .object(request.merging(more) { $1 }))
        return try #require(made["TargetGroups"]?[0]?["TargetGroupArn"]?.string)
    }

    func listener(_ loadBalancer: String, to group: String, port: Int = 80) async throws -> String {
        let made = try await call(
            .createListener,
            [
                "LoadBalancerArn": .string(loadBalancer), "Protocol": "HTTP", "Port": .integer(Int64(port)),
                "DefaultActions": [["Type": "forward", "TargetGroupArn": .string(group)]],
            ])
        return try #require(made["Listeners"]?[0]?["ListenerArn"]?.string)
    }

    func rule(_ listener: String, _ priority: Int) async throws -> String {
        let made = try await call(.createRule, Self.rule(listener, priority))
        return try #require(made["Rules"]?[0]?["RuleArn"]?.string)
    }

    static func rule(_ listener: String, _ priority: Int) -> JSONValue {
        [
            "ListenerArn": .string(listener), "Priority": .integer(Int64(priority)),
            "Conditions": [["Field": "path-pattern", "Values": ["/a"]]],
            "Actions": [["Type": "fixed-response", "FixedResponseConfig": ["StatusCode": "404"]]],
        ]
    }
}

@Suite("Load balancers")
struct BalancingOperationTests {
    @Test("are made once for the same settings, and get addresses that are free")
    func idempotent() async throws {
        let api = try await Balancing()
        let first = try await api.loadBalancer("a")
        #expect(try await api.loadBalancer("a") == first)
        #expect(
            await api.fault(.createLoadBalancer, ["Name": "a", "Subnets": ["other", "s"]])
                == "DuplicateLoadBalancerName")
        #expect(
            await api.fault(
                .createLoadBalancer, ["Name": "a", "Subnets": ["subnet-1", "subnet-2"], "Type": "network"])
                == "DuplicateLoadBalancerName")
        let second = try await api.loadBalancer("b", "network")
        #expect(api.state.loadBalancers.values().map(\.1.addressIndex) == [0, 1])
        try await api.call(.deleteLoadBalancer, ["LoadBalancerArn": .string(first)])
        try await api.call(.deleteLoadBalancer, ["LoadBalancerArn": .string(first)])
        _ = try await api.loadBalancer("c")
        #expect(api.state.loadBalancer(named: "c", in: .test)?.addressIndex == 0)
        #expect(second.contains("loadbalancer/net/b/"))
        let name = try #require(api.state.loadBalancer(named: "c", in: .test)).dnsName
        #expect(name.hasPrefix("c-") && name.hasSuffix(".us-east-1.elb.localhost"))
    }

    @Test("are bounded in number, each kind for itself")
    func limit() async throws {
        let api = try await Balancing()
        for number in 0..<BalancingLimits.loadBalancers { _ = try await api.loadBalancer("a\(number)") }
        #expect(
            await api.fault(.createLoadBalancer, ["Name": "b", "Subnets": ["subnet-1", "subnet-2"]])
                == "TooManyLoadBalancers")
        _ = try await api.loadBalancer("c", "network")
    }

    @Test("go with their listeners and rules, but not while they are protected")
    func deletion() async throws {
        let api = try await Balancing()
        let arn = try await api.loadBalancer()
        let listener = try await api.listener(arn, to: api.group("blue"))
        _ = try await api.rule(listener, 1)
        let protection: JSONValue = ["Key": "deletion_protection.enabled", "Value": "true"]
        try await api.call(
            .modifyLoadBalancerAttributes, ["LoadBalancerArn": .string(arn), "Attributes": [protection]])
        #expect(await api.fault(.deleteLoadBalancer, ["LoadBalancerArn": .string(arn)]) == "OperationNotPermitted")
        try await api.call(
            .modifyLoadBalancerAttributes,
            [
                "LoadBalancerArn": .string(arn),
                "Attributes": [["Key": "deletion_protection.enabled", "Value": "false"]],
            ])
        try await api.call(.deleteLoadBalancer, ["LoadBalancerArn": .string(arn)])
        let state = api.state
        #expect(state.loadBalancers.count == 0 && state.listeners.count == 0 && state.listenerRules.count == 0)
        #expect(state.targetGroups.count == 1)
        try await api.call(.deleteTargetGroup, ["TargetGroupArn": .string(api.group("blue"))])
        #expect(api.state.targetGroups.count == 0)
    }

    @Test("are refused what the data plane cannot do")
    func refusals() async throws {
        let api = try await Balancing()
        let subnets: JSONValue = ["subnet-1", "subnet-2"]
        let refused: [(ELBOperation, JSONValue)] = [
            (.createLoadBalancer, ["Name": "a", "Subnets": subnets, "Type": "gateway"]),
            (.createLoadBalancer, ["Name": "a", "Subnets": subnets, "IpAddressType": "dualstack"]),
            (
                .createLoadBalancer,
                [
                    "Name": "a", "Type": "network",
                    "SubnetMappings": [["SubnetId": "s", "PrivateIPv4Address": "10.0.0.1"]],
                ]
            ),
            (.createTargetGroup, ["Name": "a", "Protocol": "UDP", "Port": 53, "VpcId": "v"]),
            (.createTargetGroup, ["Name": "a", "Protocol": "GENEVE", "Port": 6081, "VpcId": "v"]),
            (.createTargetGroup, ["Name": "a", "TargetType": "lambda"]),
            (.createTargetGroup, ["Name": "a", "TargetType": "alb", "Protocol": "TCP", "Port": 80, "VpcId": "v"]),
            (
                .createTargetGroup,
                ["Name": "a", "Protocol": "HTTP", "Port": 80, "VpcId": "v", "IpAddressType": "ipv6"]
            ),
        ]
        for (operation, request) in refused {
            #expect(await api.fault(operation, request) == "UnsupportedFeatureException", "\(request)")
        }
        #expect(api.state.loadBalancers.count == 0 && api.state.targetGroups.count == 0)
        #expect(await api.fault(.createLoadBalancer, ["Name": "a", "Subnets": ["s"]]) == "ValidationException")
        #expect(await api.fault(.createLoadBalancer, ["Name": "a"]) == "ValidationException")
    }
}

@Suite("Listeners, rules and target groups")
struct ListenerOperationTests {
    @Test("a listener has a port of its own, and is made once for the same settings")
    func listeners() async throws {
        let api = try await Balancing()
        let arn = try await api.loadBalancer()
        let blue = try await api.group("blue")
        let listener = try await api.listener(arn, to: blue)
        #expect(try await api.listener(arn, to: blue) == listener)
        let other: JSONValue = ["Type": "fixed-response", "FixedResponseConfig": ["StatusCode": "404"]]
        #expect(
            await api.fault(
                .createListener,
                ["LoadBalancerArn": .string(arn), "Protocol": "HTTP", "Port": 80, "DefaultActions": [other]])
                == "DuplicateListener")
        let second = try await api.listener(arn, to: blue, port: 81)
        #expect(await api.fault(.modifyListener, ["ListenerArn": .string(second), "Port": 80]) == "DuplicateListener")
        try await api.call(.modifyListener, ["ListenerArn": .string(second), "Port": 82, "DefaultActions": [other]])
        #expect(api.state.listeners.values().map(\.1.port).sorted() == [80, 82])
        #expect(
            await api.fault(.modifyListener, ["ListenerArn": .string(second), "Protocol": "TCP"])
                == "ValidationException")
        #expect(
            await api.fault(.modifyListener, ["ListenerArn": .string(second), "Protocol": "HTTPS"])
                == "ValidationException")
    }

    @Test("a target group belongs to one load balancer, and speaks what the listener does")
    func association() async throws {
        let api = try await Balancing()
        let (web, api2) = (try await api.loadBalancer("web"), try await api.loadBalancer("api"))
        let blue = try await api.group("blue")
        _ = try await api.listener(web, to: blue)
        let forward: JSONValue = [["Type": "forward", "TargetGroupArn": .string(blue)]]
        #expect(
            await api.fault(
                .createListener,
                ["LoadBalancerArn": .string(api2), "Protocol": "HTTP", "Port": 80, "DefaultActions": forward])
                == "TargetGroupAssociationLimit")
        #expect(await api.fault(.deleteTargetGroup, ["TargetGroupArn": .string(blue)]) == "ResourceInUseException")
        let tcp = try await api.group("tcp", ["Protocol": "TCP"])
        #expect(
            await api.fault(
                .createListener,
                [
                    "LoadBalancerArn": .string(api2), "Protocol": "HTTP", "Port": 80,
                    "DefaultActions": [["Type": "forward", "TargetGroupArn": .string(tcp)]],
                ]) == "IncompatibleProtocols")
        let grpc = try await api.group("grpc", ["ProtocolVersion": "GRPC"])
        #expect(
            await api.fault(
                .createListener,
                [
                    "LoadBalancerArn": .string(api2), "Protocol": "HTTP", "Port": 80,
                    "DefaultActions": [["Type": "forward", "TargetGroupArn": .string(grpc)]],
                ]) == "IncompatibleProtocols")
        let gone = blue.replacing("blue", with: "gone")
        #expect(
            await api.fault(
                .createListener,
                [
                    "LoadBalancerArn": .string(api2), "Protocol": "HTTP", "Port": 80,
                    "DefaultActions": [["Type": "forward", "TargetGroupArn": .string(gone)]],
                ]) == "TargetGroupNotFound")
    }

    @Test("rules keep priorities of their own and may change places; the default rule stays as it is")
    func priorities() async throws {
        let api = try await Balancing()
        let listener = try await api.listener(api.loadBalancer(), to: api.group("blue"))
        let (one, two) = (try await api.rule(listener, 1), try await api.rule(listener, 2))
        let three = try await api.rule(listener, 3)
        #expect(await api.fault(.createRule, Balancing.rule(listener, 2)) == "PriorityInUse")
        func pairs(_ pairs: (String, Int)...) -> JSONValue {
            ["RulePriorities": .array(pairs.map { ["RuleArn": .string($0.0), "Priority": .integer(Int64($0.1))] })]
        }
        try await api.call(.setRulePriorities, pairs((one, 2), (two, 1)))
        #expect(await api.fault(.setRulePriorities, pairs((one, 3))) == "PriorityInUse")
        #expect(await api.fault(.setRulePriorities, pairs((one, 4), (two, 4))) == "ValidationException")
        let rules = try await api.call(.describeRules, ["ListenerArn": .string(listener)])["Rules"]
        #expect((0..<4).map { rules?[$0]?["Priority"]?.string } == ["1", "2", "3", "default"])
        #expect((0..<3).map { rules?[$0]?["RuleArn"]?.string } == [two, one, three])
        let standard = try #require(rules?[3]?["RuleArn"]?.string)
        #expect(rules?[3]?["IsDefault"] == true)
        #expect(await api.fault(.deleteRule, ["RuleArn": .string(standard)]) == "OperationNotPermitted")
        #expect(await api.fault(.setRulePriorities, pairs((standard, 9))) == "OperationNotPermitted")
        try await api.call(.deleteRule, ["RuleArn": .string(one)])
        #expect(await api.fault(.deleteRule, ["RuleArn": .string(one)]) == "RuleNotFound")
        #expect(await api.fault(.modifyRule, ["RuleArn": .string(one)]) == "RuleNotFound")
    }

    @Test("a page goes on where the one before ended")
    func pages() async throws {
        let api = try await Balancing()
        for name in ["b", "a", "a-b", "a-a"] { _ = try await api.group(name) }
        var names: [String?] = []
        var marker: JSONValue?
        repeat {
            var request: [String: JSONValue] = ["PageSize": 1]
            request["Marker"] = marker
            let page = try await api.call(.describeTargetGroups, .object(request))
            names.append(page["TargetGroups"]?[0]?["TargetGroupName"]?.string)
            marker = page["NextMarker"]
        } while marker != nil
        #expect(names == ["a", "a-a", "a-b", "b"])
        #expect(await api.fault(.describeTargetGroups, ["Marker": "made up"]) == "ValidationException")
    }

    @Test("a target drains while its group gets traffic, and comes back when it is registered again")
    func targets() async throws {
        let api = try await Balancing()
        let group = try await api.group("blue")
        func request(_ targets: (String, Int?)...) -> JSONValue {
            let targets = targets.map { (id, port) -> JSONValue in
                var target: [String: JSONValue] = ["Id": .string(id)]
                target["Port"] = port.map { .integer(Int64($0)) }
                return .object(target)
            }
            return ["TargetGroupArn": .string(group), "Targets": .array(targets)]
        }
        func health() async throws -> [String] {
            let shown = try await api.call(.describeTargetHealth, ["TargetGroupArn": .string(group)])
            return (shown["TargetHealthDescriptions"]?.array ?? []).map { each in
                let target = each["Target"]
                let state = each["TargetHealth"]?["State"]?.string ?? ""
                return "\(target?["Id"]?.string ?? ""):\(target?["Port"]?.integer ?? 0) \(state)"
            }
        }
        try await api.call(.registerTargets, request(("10.0.0.1", nil), ("10.0.0.1", 81), ("10.0.0.2", nil)))
        #expect(try await health() == ["10.0.0.1:80 unused", "10.0.0.1:81 unused", "10.0.0.2:80 unused"])
        try await api.call(.deregisterTargets, request(("10.0.0.1", 81), ("10.9.9.9", nil)))
        #expect(api.state.targets.count == 2)
        _ = try await api.listener(api.loadBalancer(), to: group)
        let first = try #require(api.state.targets.keys.ascending().first { _ in true })
        api.front.ports.targetHealth.put([first: TargetHealth(.healthy)])
        try await api.call(.deregisterTargets, request(("10.0.0.2", nil)))
        #expect(try await health() == ["10.0.0.1:80 healthy", "10.0.0.2:80 draining"])
        try await api.call(.registerTargets, request(("10.0.0.2", nil)))
        #expect(try await health() == ["10.0.0.1:80 healthy", "10.0.0.2:80 initial"])
        for id in ["10.0.0", "0.0.0.0", "224.0.0.1", "host", "10.0.0.256", ""] {
            #expect(await api.fault(.registerTargets, request((id, nil))) == "ValidationException", "\(id)")
        }
        let hosts = try await api.group("hosts", ["TargetType": "instance"])
        #expect(
            await api.fault(
                .registerTargets,
                ["TargetGroupArn": .string(hosts), "Targets": [["Id": "i-0123456789abcdef0"]]]) == "InvalidTarget")
    }

    @Test("a host is a target by the id that it is shown with")
    func instances() async throws {
        let api = try await Balancing()
        let id = "0123456789abcdef0123456789abcdef"
        try await api.front.put { transaction in
            transaction.put(
                ContainerInstanceRecord(
                    id: ContainerInstanceID(scope: .test, id: id), cluster: nil, launchType: .ec2, resources: .zero,
                    registeredAt: .test()))
        }
        let group = try await api.group("hosts", ["TargetType": "instance"])
        let target: JSONValue = ["Id": .string("i-" + id.prefix(17))]
        try await api.call(.registerTargets, ["TargetGroupArn": .string(group), "Targets": [target]])
        #expect(api.state.targets.values().map(\.1.id.id) == ["i-0123456789abcdef0"])
    }

    @Test("everything has tags, the default rule its own")
    func tags() async throws {
        let api = try await Balancing()
        let loadBalancer = try await api.loadBalancer()
        let group = try await api.group("blue")
        let listener = try await api.listener(loadBalancer, to: group)
        let rule = try await api.rule(listener, 1)
        let standard = try #require(api.state.listeners.values().first { _ in true }?.1.defaultRuleID.arn)
        let arns: [JSONValue] = [loadBalancer, group, listener, rule, standard].map { .string($0) }
        try await api.call(.addTags, ["ResourceArns": .array(arns), "Tags": [["Key": "k", "Value": "v"]]])
        let shown = try await api.call(.describeTags, ["ResourceArns": .array(arns)])["TagDescriptions"]?.array
        #expect(shown?.count == 5)
        #expect(shown?.allSatisfy { $0["Tags"] == [["Key": "k", "Value": "v"]] } == true)
        try await api.call(.removeTags, ["ResourceArns": [.string(standard)], "TagKeys": ["k"]])
        let listeners = api.state.listeners.values().map(\.1)
        #expect(listeners.first?.tags.count == 1 && listeners.first?.defaultRuleTags.isEmpty == true)
        let doubled: JSONValue = [["Key": "a", "Value": "1"], ["Key": "a", "Value": "2"]]
        #expect(await api.fault(.addTags, ["ResourceArns": .array(arns), "Tags": doubled]) == "DuplicateTagKeys")
        let gone = loadBalancer.replacing("web", with: "gone")
        #expect(await api.fault(.describeTags, ["ResourceArns": [.string(gone)]]) == "LoadBalancerNotFound")
        #expect(await api.fault(.describeTags, ["ResourceArns": ["arn:aws:s3:::b"]]) == "ValidationException")
    }
}
