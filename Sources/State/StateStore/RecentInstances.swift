import HashTreeCollections
import Identifiers

/// Which hosts, with what runs there, the last commits touched. Persistent, as everything in a snapshot.
struct RecentInstances: Sendable {
    private struct Entry: Sendable {
        var instance: ContainerInstanceID
        var revision: Revision
    }

    /// Most entries. A reader that is further behind has most hosts to look at anyway; each takes about 100 bytes.
    private static let limit = 20_000

    /// By the order in which they came.
    private var entries: TreeDictionary<Int, Entry> = [:]
    private var end = 0
    /// What this revision and earlier ones touched is not known.
    private var forgotten: Revision

    init(after revision: Revision = .zero) { forgotten = revision }

    /// - Parameter revision: not below that of an earlier entry.
    mutating func append(_ instance: ContainerInstanceID, _ revision: Revision) {
        entries[end] = Entry(instance: instance, revision: revision)
        end += 1
        if let oldest = entries.removeValue(forKey: end - 1 - Self.limit) { forgotten = oldest.revision }
    }

    /// The hosts touched after `revision`, the last one first and some more than once; nil when that is not known.
    func touched(after revision: Revision) -> [ContainerInstanceID]? {
        guard revision >= forgotten else { return nil }
        var touched: [ContainerInstanceID] = []
        for position in stride(from: end - 1, through: max(0, end - Self.limit), by: -1) {
            guard let entry = entries[position], entry.revision > revision else { break }
            touched.append(entry.instance)
        }
        return touched
    }
}
