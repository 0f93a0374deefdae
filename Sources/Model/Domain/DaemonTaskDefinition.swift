public import Identifiers

public enum DaemonTaskDefinitionStatus: String, Codable, Sendable { case active, deleteInProgress, deleted }

/// A stored revision of a daemon task definition: what the tasks of a daemon are made of.
///
/// Written by the API front; `status` deleted by the daemons controller, once no daemon uses it. The content never
/// changes.
public struct DaemonTaskDefinitionRecord: Hashable, Codable, Sendable {
    /// Its family is of the kind `.daemon`.
    public var id: TaskDefinitionID
    public var status: DaemonTaskDefinitionStatus = .active
    public var definition: TaskDefinition
    public var registeredAt: Timestamp
    public var registeredBy: String
    public var deleteRequestedAt: Timestamp?
    public var tags: [KeyValue]

    public init(
        id: TaskDefinitionID, definition: TaskDefinition, registeredAt: Timestamp, registeredBy: String,
        tags: [KeyValue] = []
    ) {
        self.id = id
        self.definition = definition
        self.registeredAt = registeredAt
        self.registeredBy = registeredBy
        self.tags = tags
    }

    /// The form that tasks are made from.
    public var taskDefinition: TaskDefinitionRecord {
        TaskDefinitionRecord(
            id: id, definition: definition, registeredAt: registeredAt, registeredBy: registeredBy, tags: tags)
    }
}
