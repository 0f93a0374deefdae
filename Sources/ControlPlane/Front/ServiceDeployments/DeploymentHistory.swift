import AWSWire
import ECSShapes
import Identifiers

extension Paging {
    /// A page of a service's or a daemon's deployments, newest first.
    ///
    /// - Parameters:
    ///   - statuses: the only ones that are shown; all when nil or empty.
    ///   - made: between which moments, these left out.
    ///   - look: what of a deployment decides; the id tells those of one moment apart.
    func history<Entry>(
        _ entries: some Sequence<Entry>, statuses: [String]?, made: ECSShapes.CreatedAt?,
        _ look: (Entry) -> (createdAt: Timestamp, status: String, id: String)
    ) -> (elements: [Entry], nextToken: String?) {
        // Ascends as the time of creation descends; of equal width, so that text sorts as numbers do.
        func key(_ entry: Entry) -> String {
            let age = String(Int64.max - max(0, look(entry).createdAt.milliseconds))
            return String(repeating: "0", count: max(0, 19 - age.utf8.count)) + age + "/" + look(entry).id
        }
        let shown = entries.filter { entry in
            let (createdAt, status, _) = look(entry)
            return (statuses.map { $0.isEmpty || $0.contains(status) } ?? true)
                && (made?.after.map { createdAt > $0.stored } ?? true)
                && (made?.before.map { createdAt < $0.stored } ?? true)
        }
        return page(shown.sorted { key($0) < key($1) }, key: key)
    }
}
