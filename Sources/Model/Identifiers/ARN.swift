/// An Amazon Resource Name of the ECS service, split into the parts Berth looks at.
///
/// Shape: `arn:aws:ecs:REGION:ACCOUNT:RESOURCE`, where RESOURCE is `type/rest`.
public struct ARN: Hashable, Sendable {
    public var scope: Scope
    /// The word before the first `/` of the resource, such as `task`.
    public var type: String
    /// Everything after the first `/`, split at each `/`.
    public var path: [String]

    public init(scope: Scope, type: String, path: [String]) {
        self.scope = scope
        self.type = type
        self.path = path
    }

    /// Parses `text`; nil unless it is a well-formed ECS ARN.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[1].hasPrefix("aws"), parts[2] == "ecs" else {
            return nil
        }
        let resource = parts[5].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard resource.count >= 2, !resource.contains("") else { return nil }
        self.init(
            scope: Scope(account: String(parts[4]), region: String(parts[3])),
            type: resource[0], path: Array(resource.dropFirst()))
    }

    public var text: String {
        "arn:aws:ecs:\(scope.region):\(scope.account):\(type)/" + path.joined(separator: "/")
    }
}
