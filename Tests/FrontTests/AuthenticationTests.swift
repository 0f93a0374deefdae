import AWSWire
import Domain
import Identifiers
import JSONBytes
import StateStore
import Testing

@testable import Front

@Suite("Who may call")
struct AuthenticationTests {
    @Test("an unsigned request is refused, with a request id")
    func unsigned() async throws {
        let front = try await FrontHarness()
        let reply = try await front.call("ListClusters", as: nil)
        #expect(reply.status == 400)
        #expect(reply.code == "MissingAuthenticationTokenException")
        #expect(reply.answer.header("x-amzn-requestid")?.count == 36)
        #expect(reply.answer.header("content-type") == "application/x-amz-json-1.1")
    }

    @Test("an unknown key and a wrong secret are refused in AWS's words")
    func wrongSignatures() async throws {
        let front = try await FrontHarness()
        let unknown = SigV4Credential(accessKeyID: "AKIAOTHEROTHEROTHERO", secretKey: "x")
        #expect(try await front.call("ListClusters", as: unknown).code == "UnrecognizedClientException")
        let forged = SigV4Credential(accessKeyID: FrontHarness.rootKey.accessKeyID, secretKey: "guess")
        #expect(try await front.call("ListClusters", as: forged).code == "InvalidSignatureException")
    }

    @Test("an unknown operation is unknown")
    func operations() async throws {
        let front = try await FrontHarness()
        #expect(try await front.call("MakeCoffee").code == "UnknownOperationException")
        #expect(try await front.send(target: nil, [], as: FrontHarness.rootKey).code == "UnknownOperationException")
    }

    @Test(
        "broken JSON and wrong types are serialization faults, never a crash",
        arguments: ["{", "[]", "{\"maxResults\":\"x\"}", "\u{0}", "{\"maxResults\":1e999}", "null"])
    func brokenBodies(body: String) async throws {
        let front = try await FrontHarness()
        let reply = try await front.send(
            target: "AmazonEC2ContainerServiceV20141113.ListClusters", Array(body.utf8), as: FrontHarness.rootKey)
        #expect(reply.code == "SerializationException")
    }

    @Test(
        "a host may not call what is not about itself",
        arguments: [
            "CreateCluster", "RunTask", "StopTask", "ListTasks", "DescribeTasks", "DescribeContainerInstances",
            "CreateService", "RegisterTaskDefinition", "Berth.CreateJoinToken", "Berth.Status", "Berth.Restore",
            "Berth.Usage", "Berth.Explain",
        ])
    func hostsAreLimited(operation: String) async throws {
        let front = try await FrontHarness()
        let host = try await front.host()
        let reply = try await front.call(operation, as: host.key)
        #expect(reply.code == "AccessDeniedException")
        #expect(reply.message?.contains("is not authorized to perform") == true)
    }

    @Test("a host may not act for another host")
    func hostsAreApart() async throws {
        let front = try await FrontHarness()
        try await front.demo()
        let one = try await front.host()
        let other = try await front.host()
        let run = try await front.call("RunTask", TaskTests.request())
        let task = run.json["tasks"]?[0]?["taskArn"] ?? .null
        let placed = front.store.committed().tasks.values().first { _ in true }?.1.placement?.instance.id
        let (owner, stranger) = placed == one.id ? (one, other) : (other, one)
        let report: JSONValue = ["task": task, "status": "RUNNING"]
        #expect(try await front.call("SubmitTaskStateChange", report, as: stranger.key).code == "AccessDeniedException")
        #expect(try await front.call("SubmitTaskStateChange", report, as: owner.key).status == 200)
        for operation in ["DeregisterContainerInstance", "DiscoverPollEndpoint"] {
            let reply = try await front.call(
                operation, ["containerInstance": .string(owner.arn)], as: stranger.key)
            #expect(reply.code == "AccessDeniedException")
        }
        let tags: JSONValue = ["resourceArn": .string(owner.arn)]
        #expect(try await front.call("ListTagsForResource", tags, as: stranger.key).code == "AccessDeniedException")
        #expect(try await front.call("ListTagsForResource", tags, as: owner.key).status == 200)
    }

    @Test("a join token serves once and not after its end")
    func joinTokens() async throws {
        let front = try await FrontHarness()
        let token = try await front.call("Berth.CreateJoinToken").json["token"] ?? .null
        let join: JSONValue = ["token": token, "capacity": "managed"]
        #expect(try await front.call("Berth.JoinHost", join, as: nil).status == 200)
        #expect(try await front.call("Berth.JoinHost", join, as: nil).code == "AccessDeniedException")
        let late = try await front.call("Berth.CreateJoinToken", ["expiresInSeconds": 60]).json["token"] ?? .null
        front.time.advance(by: .seconds(61))
        let reply = try await front.call("Berth.JoinHost", ["token": late, "capacity": "managed"], as: nil)
        #expect(reply.code == "AccessDeniedException")
        // Making another touches no other one: retention deletes what expired.
        try await front.call("Berth.CreateJoinToken")
        #expect(front.store.committed().joinTokens.count == 3)
    }

    @Test("a socket is for its own host only, and a refusal is in the form agents read")
    func sockets() async throws {
        let front = try await FrontHarness()
        let one = try await front.host()
        let other = try await front.host()
        let query = "containerInstanceArn=" + one.arn.replacing(":", with: "%3A").replacing("/", with: "%2F")
        let sockets = AgentSockets(dispatcher: front.dispatcher, gateway: front.gateway)
        #expect(sockets.admits(front.socketRequest(query, as: one.key)))
        #expect(sockets.admits(front.socketRequest(query, as: FrontHarness.rootKey)))
        #expect(!sockets.admits(front.socketRequest(query, as: other.key)))
        #expect(!sockets.admits(front.socketRequest(query, as: nil)))
        let refused = await front.dispatcher.answer(front.socketRequest(query, as: other.key))
        #expect(refused.status == 403)
        #expect(try JSONValue(jsonBytes: refused.body)["type"] == "AccessDeniedException")
    }

    @Test("only a known key earns a large body")
    func bodyLimits() async throws {
        let front = try await FrontHarness()
        let known = HTTPMessage(
            method: "POST", target: "/",
            headers: [HTTPMessage.Header("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAROOTROOTROOTROOT/x")])
        let unknown = HTTPMessage(method: "POST", target: "/", headers: [])
        #expect(front.dispatcher.bodyLimit(of: known) == 1 << 20)
        #expect(front.dispatcher.bodyLimit(of: unknown) == 1 << 16)
    }
}
