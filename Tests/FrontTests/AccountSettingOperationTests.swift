import Domain
import JSONBytes
import StateStore
import TestKit
import Testing

@testable import Front

@Suite("Account settings by the API")
struct AccountSettingOperationTests {
    static let root: JSONValue = "arn:aws:iam::000000000000:root"
    static let alice: JSONValue = "arn:aws:iam::000000000000:user/alice"

    static func values(_ reply: Reply) -> [String: String] {
        let pairs = (reply.json["settings"]?.array ?? []).map { ($0["name"]?.string ?? "", $0["value"]?.string ?? "") }
        return Dictionary(pairs) { $1 }
    }

    @Test("what nobody set is shown only as what holds, page by page")
    func effective() async throws {
        let front = try await FrontHarness()
        #expect(try await front.call("ListAccountSettings").json["settings"] == [])
        let first = try await front.call("ListAccountSettings", ["effectiveSettings": true])
        #expect(first.json["settings"]?.array?.count == 10)
        let token = try #require(first.json["nextToken"])
        let rest = try await front.call("ListAccountSettings", ["effectiveSettings": true, "nextToken": token])
        #expect(rest.json["nextToken"] == nil)
        let all = Self.values(first).merging(Self.values(rest)) { $1 }
        #expect(all.count == 11)
        #expect(all["taskLongArnFormat"] == "enabled")
        #expect(all["containerInsights"] == "disabled")
        #expect(all["fargateTaskRetirementWaitPeriod"] == "7")
        #expect(first.json["settings"]?[0]?["principalArn"] == Self.root)
        let managed = try await front.call(
            "ListAccountSettings", ["effectiveSettings": true, "name": "guardDutyActivate"])
        #expect(managed.json["settings"]?[0]?["type"] == "aws_managed")
    }

    @Test("a principal's own value goes before the root user's, which is the account's default")
    func precedence() async throws {
        let front = try await FrontHarness()
        let value = { (principal: JSONValue) async throws -> JSONValue? in
            try await front.call(
                "ListAccountSettings",
                ["name": "containerInsights", "principalArn": principal, "effectiveSettings": true]
            ).json["settings"]?[0]?["value"]
        }
        let set = try await front.call(
            "PutAccountSettingDefault", ["name": "containerInsights", "value": "enabled"])
        #expect(
            set.json["setting"] == [
                "name": "containerInsights", "value": "enabled", "principalArn": Self.root, "type": "user",
            ])
        #expect(try await value(Self.alice) == "enabled")
        try await front.call(
            "PutAccountSetting", ["name": "containerInsights", "value": "enhanced", "principalArn": Self.alice])
        #expect(try await value(Self.alice) == "enhanced")
        #expect(try await value(Self.root) == "enabled")
        let gone = try await front.call(
            "DeleteAccountSetting", ["name": "containerInsights", "principalArn": Self.alice])
        #expect(gone.json["setting"]?["value"] == "enabled")
        #expect(gone.json["setting"]?["principalArn"] == Self.alice)
        #expect(try await value(Self.alice) == "enabled")
        let own = try await front.call("ListAccountSettings", ["principalArn": Self.alice])
        #expect(own.json["settings"] == [])
    }

    @Test("filters by name and value")
    func filters() async throws {
        let front = try await FrontHarness()
        try await front.call("PutAccountSetting", ["name": "awsvpcTrunking", "value": "enabled"])
        try await front.call("PutAccountSetting", ["name": "containerInsights", "value": "enabled"])
        #expect(Self.values(try await front.call("ListAccountSettings")).count == 2)
        let one: JSONValue = ["name": "awsvpcTrunking", "value": "enabled"]
        #expect(Self.values(try await front.call("ListAccountSettings", one)) == ["awsvpcTrunking": "enabled"])
        let none: JSONValue = ["name": "awsvpcTrunking", "value": "disabled"]
        #expect(try await front.call("ListAccountSettings", none).json["settings"] == [])
        let wrong = try await front.call("ListAccountSettings", ["value": "enabled"])
        #expect(wrong.code == "InvalidParameterException")
    }

    static let refusals: [(String, JSONValue, String, String)] = [
        ("PutAccountSetting", ["name": "nope", "value": "enabled"], "InvalidParameterException", "nope"),
        ("PutAccountSetting", ["name": "awsvpcTrunking", "value": "on"], "InvalidParameterException", "'on'"),
        (
            "PutAccountSettingDefault", ["name": "taskLongArnFormat", "value": "disabled"],
            "InvalidParameterException", "You can no longer disable Long Arn settings"
        ),
        ("PutAccountSetting", ["name": "guardDutyActivate", "value": "on"], "InvalidParameterException", "read-only"),
        ("DeleteAccountSetting", ["name": "guardDutyActivate"], "InvalidParameterException", "read-only"),
        (
            "PutAccountSetting", ["name": "fargateFIPSMode", "value": "enabled"], "UnsupportedFeatureException",
            "fargateFIPSMode"
        ),
        (
            "PutAccountSetting",
            [
                "name": "awsvpcTrunking", "value": "enabled", "principalArn": "arn:aws:iam::999999999999:root",
            ], "InvalidParameterException", "principalArn"
        ),
        ("ListAccountSettings", ["maxResults": 11], "InvalidParameterException", "between 1 and 10"),
        ("ListAccountSettings", ["nextToken": "x"], "InvalidParameterException", "Invalid token."),
    ]

    @Test("what cannot be set is refused and changes nothing", arguments: refusals)
    func refuses(operation: String, request: JSONValue, code: String, says: String) async throws {
        let front = try await FrontHarness()
        let reply = try await front.call(operation, request)
        #expect(reply.code == code)
        #expect(reply.message?.contains(says) == true, "\(reply.message ?? "")")
        #expect(front.store.committed().accountSettings.count == 0)
    }

    @Test("clusters begin with the account's Container Insights, unless they name their own")
    func containerInsights() async throws {
        let front = try await FrontHarness()
        let insights = { (name: JSONValue, more: [String: JSONValue]) async throws -> JSONValue? in
            let request = JSONValue.object(more.merging(["clusterName": name]) { $1 })
            return try await front.call("CreateCluster", request).json["cluster"]?["settings"]?[0]?["value"]
        }
        #expect(try await insights("before", [:]) == "disabled")
        try await front.call("PutAccountSettingDefault", ["name": "containerInsights", "value": "enhanced"])
        #expect(try await insights("after", [:]) == "enhanced")
        let own: [String: JSONValue] = ["settings": [["name": "containerInsights", "value": "disabled"]]]
        #expect(try await insights("own", own) == "disabled")
        _ = try await front.host("own")
        let made = try await front.call("DescribeClusters", ["include": ["SETTINGS"]]).json["clusters"]?[0]
        #expect(made?["settings"] == [["name": "containerInsights", "value": "enhanced"]])
    }

    @Test("settings without effect are in the status")
    func reported() async throws {
        let front = try await FrontHarness()
        try await front.call("PutAccountSetting", ["name": "awsvpcTrunking", "value": "enabled"])
        try await front.call("PutAccountSetting", ["name": "defaultLogDriverMode", "value": "blocking"])
        let rows = try await front.call("Berth.Status").json["accepted"]?.array ?? []
        #expect(rows.map { $0["setting"] } == ["awsvpcTrunking"])
        #expect(rows.first?["resource"] == "account arn:aws:iam::000000000000:root")
    }
}
