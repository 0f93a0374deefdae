/// Which hosts changed, in order. Readers remember how far they got.
struct ChangedHosts: Sendable {
    /// Entries that are kept at least. Who is further behind is quicker in looking at all hosts than at each change.
    private static let kept = 8_192

    private var hosts: [Int] = []
    private var forgotten = 0

    /// Where the next change will stand.
    var end: Int { forgotten + hosts.count }

    /// - Parameter host: its index.
    mutating func append(_ host: Int) {
        if hosts.count == 2 * Self.kept {
            hosts.removeFirst(Self.kept)
            forgotten += Self.kept
        }
        hosts.append(host)
    }

    /// The hosts that changed from `position` on; nil when that is no longer known.
    func since(_ position: Int) -> ArraySlice<Int>? {
        position >= forgotten ? hosts.dropFirst(position - forgotten) : nil
    }
}
