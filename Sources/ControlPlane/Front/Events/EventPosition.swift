import Identifiers
import StateStore

/// Where an event stands in the stream: its commit, and which of that commit's events it is.
///
/// The id of an event says it, so an event has one id for ever and a reader goes on exactly behind the one it saw last.
struct EventPosition: Hashable, Sendable {
    var revision: Revision
    /// From 0.
    var index: Int

    /// UUID of version 8: revision, index, and a mark of the account, so that installations differ.
    func id(_ scope: Scope) -> String {
        let number = Self.hex(UInt64(clamping: revision.value), 16)
        let mark = Self.hex(Self.hash(scope) & 0xffff_ffff_ffff, 12)
        let place = Self.hex(UInt64(clamping: index), 3)
        // 8-4-4-4-12: the revision's lower 12 digits come first, its upper 3 behind the variant.
        let low = number.suffix(12)
        let high = number.dropFirst().prefix(3)
        return "\(low.prefix(8))-\(low.suffix(4))-8\(place)-8\(high)-\(mark)"
    }

    /// nil for a text that is no event's id.
    init?(id: String) {
        let parts = id.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.count) == [8, 4, 4, 4, 12], parts[2].first == "8", parts[3].first == "8",
            let low = UInt64(parts[0] + parts[1], radix: 16), let high = UInt64(parts[3].dropFirst(), radix: 16),
            let index = Int(parts[2].dropFirst(), radix: 16), let value = Int64(exactly: high << 48 | low)
        else { return nil }
        self.init(revision: Revision(value), index: index)
    }

    init(revision: Revision, index: Int) {
        self.revision = revision
        self.index = index
    }

    private static func hex(_ value: UInt64, _ digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// FNV-1a.
    private static func hash(_ scope: Scope) -> UInt64 {
        "\(scope.account) \(scope.region)".utf8.reduce(0xcbf2_9ce4_8422_2325) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
    }
}
