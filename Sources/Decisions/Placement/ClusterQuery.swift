/// An expression of the cluster query language: which hosts a `memberOf` constraint admits.
/// - Source: Amazon ECS Developer Guide, "Create expressions to define container instances for Amazon ECS tasks"
public struct ClusterQuery: Hashable, Sendable {
    let root: Node

    /// Parses `text`.
    /// - Throws: what is wrong and where.
    public init(_ text: String) throws(ClusterQueryError) {
        // A longer expression than ECS takes, and short enough that parsing stays cheap.
        guard text.count <= 2_000 else {
            throw ClusterQueryError(message: "The expression is longer than 2000 characters.", position: 2_000)
        }
        var parser = ClusterQueryParser(text)
        root = try parser.parse()
    }

    indirect enum Node: Hashable, Sendable {
        case or(Node, Node)
        case and(Node, Node)
        case not(Node)
        case compare(Comparison)
    }

    struct Comparison: Hashable, Sendable {
        var subject: Subject
        var comparator: Comparator
        /// Empty for `exists`, several for `in`, one otherwise.
        var arguments: [String]
    }

    enum Subject: Hashable, Sendable {
        case agentConnected, agentVersion, ec2InstanceID, registeredAt, runningTasksCount, taskGroup
        case attribute(String)
    }

    enum Comparator: Hashable, Sendable {
        case equals, notEquals, greater, greaterOrEqual, less, lessOrEqual
        case exists, notExists, isIn, notIn, matches, notMatches
    }

    /// Whether the answer for a host changes as tasks are placed.
    var dependsOnTasks: Bool { Self.dependsOnTasks(root) }

    private static func dependsOnTasks(_ node: Node) -> Bool {
        switch node {
        case .or(let left, let right), .and(let left, let right): dependsOnTasks(left) || dependsOnTasks(right)
        case .not(let inner): dependsOnTasks(inner)
        case .compare(let comparison):
            comparison.subject == .taskGroup || comparison.subject == .runningTasksCount
        }
    }
}

/// Why an expression of the cluster query language cannot be read.
public struct ClusterQueryError: Error, Hashable, Sendable {
    /// A sentence for people.
    public var message: String
    /// Characters from the start of the expression.
    public var position: Int
}
