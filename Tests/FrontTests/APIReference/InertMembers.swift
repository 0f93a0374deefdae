import JSONBytes
import Validation

@testable import Front

/// Which members of requests stand on the closed lists of settings that nothing acts on.
enum InertMembers {
    struct Setting {
        var path: String
        /// As callers are told of it.
        var name: String
        var reason: String
        var isRefused: Bool
        var harmless: [JSONValue]
    }

    /// What the requests of these operations are checked as.
    private static let subjects: [String: String] = [
        "CreateCluster": "cluster", "UpdateCluster": "cluster", "UpdateClusterSettings": "cluster",
        "CreateService": "service", "UpdateService": "service", "CreateTaskSet": "taskSet", "RunTask": "task",
        "StartTask": "task", "RegisterTaskDefinition": "taskDefinition", "CreateCapacityProvider": "capacityProvider",
        "UpdateCapacityProvider": "capacityProvider", "CreateExpressGatewayService": "express",
        "UpdateExpressGatewayService": "express", "CreateDaemon": "daemon", "UpdateDaemon": "daemon",
    ]

    /// What AWS's own rules refuse before the list is asked: hosts of one's own have no public addresses there either.
    private static let ruledOut: Set = ["StartTask.networkConfiguration.awsvpcConfiguration.assignPublicIp"]

    /// What callers are told only of requests that name a target group, which the samples' world has not: the end-to-end
    /// tests see it.
    static let seenElsewhere: Set = [
        "CreateService.loadBalancers[].advancedConfiguration.roleArn",
        "UpdateService.loadBalancers[].advancedConfiguration.roleArn",
    ]

    /// The setting that the member is, or is part of.
    static func setting(_ operation: String, _ member: String) -> Setting? {
        ruledOut.contains("\(operation).\(member)") ? nil : listed(operation).first { holds($0.path, member) }
    }

    /// The settings on the lists that no member of the requests is: each would be a slip.
    static func strays(_ members: [String: [String]]) -> [String] {
        let found = members.flatMap { operation, members in
            listed(operation).filter { setting in
                members.contains {
                    holds(setting.path, $0) || keys(of: $0, operation).contains { $0.setting.name == setting.name }
                }
            }.map(\.name)
        }
        return members.keys.flatMap { listed($0) }.map(\.name).filter { !found.contains($0) }
    }

    private static func listed(_ operation: String) -> [Setting] {
        let accepted = AcceptedSettings.all.filter {
            $0.subject.rawValue == subjects[operation] || operation == "CreateTaskSet" && $0.subject == .service
        }.map {
            Setting(
                path: $0.path, name: $0.name, reason: $0.reason, isRefused: $0.verdict == .refused,
                harmless: $0.harmless)
        }
        guard operation == "RegisterTaskDefinition" else { return accepted }
        return accepted
            + UnsupportedSettings.all.map {
                Setting(
                    path: $0.path.text, name: $0.path.text, reason: $0.reason, isRefused: true,
                    harmless: $0.harmless)
            }
    }

    /// The settings that are keys of the map which the member is.
    static func keys(of member: String, _ operation: String) -> [(key: String, setting: Setting)] {
        guard member.hasSuffix("{}") else { return [] }
        let start = plain(member) + "."
        return listed(operation).compactMap { setting in
            let path = plain(setting.path)
            return path.hasPrefix(start) ? (String(path.dropFirst(start.count)), setting) : nil
        }
    }

    private static func holds(_ path: String, _ member: String) -> Bool {
        let path = plain(path)
        let member = plain(member)
        return member == path || member.hasPrefix(path + ".")
    }

    private static func plain(_ path: String) -> String { path.replacing("[]", with: "").replacing("{}", with: "") }
}
