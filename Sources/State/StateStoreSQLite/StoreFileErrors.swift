/// Why a data file cannot be used. Every text is one sentence for the operator: what was found and what to do.
public enum StoreOpenError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Another server has the file open.
    case inUse(String)
    /// The file is torn or corrupt. Nothing was changed.
    case damaged(String)
    /// A newer Berth wrote the file.
    case newer(String)
    /// The file is not Berth's.
    case foreign(String)
    /// The file or its directory cannot be read or written.
    case inaccessible(String)

    public var description: String {
        switch self {
        case .inUse(let text), .damaged(let text), .newer(let text), .foreign(let text), .inaccessible(let text): text
        }
    }
}

/// Why a backup or a restore did not happen, in one sentence for the operator. Nothing was changed then.
public struct BackupError: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String

    init(_ text: String) { description = text }
}
