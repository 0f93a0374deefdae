import AWSWire
import Domain
import Identifiers
import JSONBytes
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("Container instances")
struct InstanceTests {
    @Test("a host of the caller's own shows as an instance of its cluster, which is made if it is the default")
    func register() async throws {
        let front = try await FrontHarness()
        let host = try await front.host("own")
        let reply = try await front.call("DescribeContainerInstances", ["containerInstances": [.string(host.arn)]])
        let instance = try #require(reply.json["containerInstances"]?[0])
        #expect(instance["status"] == "ACTIVE")
        #expect(instance["agentConnected"] == true)
        #expect(instance["registeredResources"]?[0]?["integerValue"] == 4096)
        #expect(instance["remainingResources"]?[2]?["stringSetValue"] == ["22"])
        #expect(instance["attributes"]?[0] == ["name": "ecs.os-type", "value": "linux"])
        #expect(try await front.call("ListContainerInstances").json["containerInstanceArns"] == [.string(host.arn)])
    }

    @Test("a managed host is in no cluster, and the root key sees it in the status")
    func managed() async throws {
        let front = try await FrontHarness()
        try await front.call("CreateCluster")
        let host = try await front.host()
        #expect(try await front.call("ListContainerInstances").json["containerInstanceArns"] == [])
        let status = try await front.call("Berth.Status").json["hosts"]?[0]
        #expect(status?["id"] == .string(host.id))
        #expect(status?["capacity"] == "managed")
        #expect(status?["connected"] == true)
        #expect(status?["addressBlock"] == "10.99.0.0/24")
    }

    @Test("blocks are the lowest free ones, kept on return, freed by leaving, and can run out")
    func blocks() async throws {
        let front = try await FrontHarness(taskCIDR: "10.99.0.0/23")
        let one = try await front.host()
        _ = try await front.host()
        let third = try await front.call("Berth.CreateJoinToken").json["token"] ?? .null
        let join = try await front.call("Berth.JoinHost", ["token": third, "capacity": "managed"], as: nil).json
        let late = JoinedHost(
            key: SigV4Credential(
                accessKeyID: join["accessKeyId"]?.string ?? "", secretKey: join["secretAccessKey"]?.string ?? ""),
            arn: join["containerInstanceArn"]?.string ?? "")
        let full = try await front.call("RegisterContainerInstance", FrontHarness.registration(), as: late.key)
        #expect(full.code == "ClientException")
        #expect(full.message?.contains("10.99.0.0/23 has no free /24 block") == true)
        let again = try await front.call("RegisterContainerInstance", FrontHarness.registration(), as: one.key)
        #expect(again.json["berth"]?["network"]?["block"] == "10.99.0.0/24")
        #expect(
            try await front.call(
                "DeregisterContainerInstance", ["containerInstance": .string(one.arn)], as: one.key
            ).status == 200)
        let fits = try await front.call("RegisterContainerInstance", FrontHarness.registration(), as: late.key)
        #expect(fits.json["berth"]?["network"] == ["taskRange": "10.99.0.0/23", "block": "10.99.0.0/24"])
        let gone = try await front.call("RegisterContainerInstance", FrontHarness.registration(), as: one.key)
        #expect(gone.code == "InactiveInstanceException")
    }

    @Test("a stock agent registers once for its client token and comes back by its ARN")
    func stockAgent() async throws {
        let front = try await FrontHarness()
        let request: [String: JSONValue] = [
            "cluster": "default", "clientToken": "t-1",
            "totalResources": FrontHarness.registration()["totalResources"] ?? .null,
            "attributes": [["name": "ecs.capability.external"], ["name": "x", "value": "y"]],
        ]
        let first = try await front.call("RegisterContainerInstance", .object(request)).json
        let again = try await front.call("RegisterContainerInstance", .object(request)).json
        let arn = first["containerInstance"]?["containerInstanceArn"]
        #expect(again["containerInstance"]?["containerInstanceArn"] == arn)
        #expect(first["berth"] == nil)
        let echoed = first["containerInstance"]?["attributes"]?.array ?? []
        #expect(echoed.contains(["name": "ecs.capability.external"]))
        #expect(echoed.contains(["name": "x", "value": "y"]))
        let back = request.merging(["containerInstanceArn": arn ?? .null, "clientToken": "t-2"]) { $1 }
        let returned = try await front.call("RegisterContainerInstance", .object(back)).json
        #expect(returned["containerInstance"]?["containerInstanceArn"] == arn)
        #expect(front.store.committed().instances.count == 1)
        #expect(front.store.committed().instances.values().first { _ in true }?.1.launchType == .external)
    }

    @Test("an instance with tasks leaves by force only, and its tasks are over then")
    func deregister() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        let host = try await front.host("own")
        let task = try await front.call("RunTask", TaskTests.request(["launchType": "EC2"])).json["tasks"]?[0]
        let leave: [String: JSONValue] = ["containerInstance": .string(host.id)]
        #expect(
            try await front.call("DeregisterContainerInstance", .object(leave)).message
                == "Found running tasks on the instance.")
        let forced = try await front.call("DeregisterContainerInstance", .object(leave.merging(["force": true]) { $1 }))
        #expect(forced.json["containerInstance"]?["status"] == "INACTIVE")
        let after = try await front.call("DescribeTasks", ["tasks": [task?["taskArn"] ?? .null]]).json["tasks"]?[0]
        #expect(after?["lastStatus"] == "STOPPED")
        #expect(after?["stoppedReason"] == "Container instance deregistration forced by user")
        #expect(try await front.call("ListContainerInstances").json["containerInstanceArns"] == [])
    }

    @Test(
        "a node address that is no IPv4 address is refused by name", arguments: ["", "fe80::1", "10.0.0", "10.0.0.256"])
    func nodeAddress(address: String) async throws {
        let front = try await FrontHarness()
        let host = try await front.host("own")
        var request = FrontHarness.registration().object ?? [:]
        request["berth"] = ["version": 1, "nodeAddress": .string(address)]
        let reply = try await front.call("RegisterContainerInstance", .object(request), as: host.key)
        #expect(reply.code == "InvalidParameterException")
        #expect(reply.message == "berth.nodeAddress must be an IPv4 address, got '\(address)'.")
    }

    @Test("a large host is deregistered in steps, which a second call or the controller can finish")
    func deregisterLarge() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        let host = try await front.host("own")
        try await front.put { transaction in
            for number in 0..<250 {
                transaction.put(TaskRecord.test("t\(number)").placed(on: host.id).observed(.running))
            }
        }
        let before = front.store.committed().revision
        let reply = try await front.call(
            "DeregisterContainerInstance", ["containerInstance": .string(host.id), "force": true])
        #expect(reply.json["containerInstance"]?["status"] == "INACTIVE")
        #expect(reply.json["containerInstance"]?["runningTasksCount"] == 0)
        #expect(front.store.committed().revision.value == before.value + 3)
        #expect(front.store.committed().instances[.test(host.id)]?.deregisteredAt == front.time.now)
    }

    @Test("draining shows, and a filter in the query language finds hosts")
    func filters() async throws {
        let front = try await FrontHarness()
        let host = try await front.host("own")
        let drained = try await front.call(
            "UpdateContainerInstancesState",
            ["containerInstances": [.string(host.id), "nope"], "status": "DRAINING"])
        #expect(drained.json["containerInstances"]?[0]?["status"] == "DRAINING")
        #expect(drained.json["failures"]?[0]?["reason"] == "MISSING")
        let count = { (request: JSONValue) in
            try await front.call("ListContainerInstances", request).json["containerInstanceArns"]?.array?.count
        }
        #expect(try await count(["status": "DRAINING"]) == 1)
        #expect(try await count(["status": "ACTIVE"]) == 0)
        #expect(try await count(["filter": "attribute:ecs.os-type == linux"]) == 1)
        #expect(try await count(["filter": "attribute:ecs.os-type == windows"]) == 0)
        #expect(
            try await front.call("ListContainerInstances", ["filter": "attribute:("]).code
                == "InvalidParameterException")
    }

    @Test("agents find their sockets where they reached the API")
    func endpoint() async throws {
        let front = try await FrontHarness()
        let host = try await front.host()
        let reply = try await front.call("DiscoverPollEndpoint", ["containerInstance": .string(host.arn)], as: host.key)
        #expect(reply.json == ["endpoint": "http://127.0.0.1:4566", "telemetryEndpoint": "http://127.0.0.1:4566"])
    }

    @Test(
        "a block is found in every well-formed range and in no other",
        arguments: [
            ("10.99.0.0/16", [], "10.99.0.0/24"), ("10.99.0.0/16", ["10.99.0.0/24"], "10.99.1.0/24"),
            ("10.99.7.0/24", [], "10.99.7.0/24"), ("255.255.255.0/24", [], "255.255.255.0/24"),
            ("10.99.7.0/25", [], nil), ("10.99.7.0/24", ["10.99.7.0/24"], nil), ("10.99.7/16", [], nil),
            ("300.0.0.0/16", [], nil), ("", [], nil), ("10.0.0.0/x", [], nil),
        ] as [(String, Set<String>, String?)])
    func lowestFree(range: String, taken: Set<String>, expected: String?) {
        #expect(AddressBlock.lowestFree(in: range, taken: taken) == expected)
    }
}
