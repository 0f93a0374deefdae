import Domain
import Identifiers
import JSONBytes
import StateStore
import Testing

@testable import AgentGateway

@Suite("Who may open a session")
struct AdmissionTests {
    private static let arn = ContainerInstanceRecord.host(here).arn

    struct Row: Sendable {
        var name: String
        var query: [String: String]
        var principal: Principal = .node(here)
        var refusal: UpgradeRefusal?
    }

    static let rows = [
        Row(name: "a host for itself", query: ["containerInstanceArn": arn, "clusterArn": "demo"]),
        Row(name: "by the cluster's ARN", query: ["containerInstanceArn": arn, "clusterArn": demo.arn]),
        Row(name: "root for any", query: ["containerInstanceArn": arn, "clusterArn": "demo"], principal: .root),
        Row(
            name: "not another host", query: ["containerInstanceArn": arn], principal: .node(elsewhere),
            refusal: .accessDenied),
        Row(name: "not without a name", query: [:], refusal: .badRequest("containerInstanceArn is missing.")),
        Row(name: "not by nonsense", query: ["containerInstanceArn": "x"], refusal: .invalidInstance("x")),
        Row(
            name: "not in another cluster", query: ["containerInstanceArn": arn, "clusterArn": "other"],
            refusal: .invalidCluster("other")),
    ]

    @Test("is decided by the key, the host and the cluster", arguments: rows)
    func decided(row: Row) {
        let state = state([])
        do throws(UpgradeRefusal) {
            #expect(try admit(.acs, query: row.query, principal: row.principal, in: state) == here)
            #expect(row.refusal == nil)
        } catch {
            #expect(error == row.refusal)
        }
    }

    @Test("a deregistered host is told so by the name that makes agents wait")
    func inactive() throws {
        var host = ContainerInstanceRecord.host(here)
        host.status = .inactive
        let state = state([], hosts: [host])
        #expect(throws: UpgradeRefusal.inactiveInstance) {
            try admit(.tcs, query: ["containerInstance": Self.arn], principal: .root, in: state)
        }
        let body = try JSONValue(jsonBytes: UpgradeRefusal.inactiveInstance.body)
        #expect(body["type"]?.string == "InactiveInstanceException")
        #expect(body["message"]?["message"]?.string?.isEmpty == false)
    }
}
