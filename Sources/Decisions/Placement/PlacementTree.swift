/// Who comes first in every range of positions: a binary tree in which each node holds the better of its two children.
///
/// What changed at a position is mended along its path to the root, so it costs O(log n). The comparison may have changed
/// between positions far apart; then the paths of the ends of each range within which it has not must be mended.
struct PlacementTree: Sendable {
    /// A power of two: the ranges of the nodes are then whole.
    private let leaves: Int
    /// The first position by node, -1 for none. The root is 1, the children of `n` are `2n` and `2n + 1`.
    private var first: [Int32]
    /// How many positions are equal to the first, by node; empty when nobody asks.
    private var equals: [Int32]

    /// - Parameters:
    ///   - count: positions; none is in the tree yet.
    ///   - countsEquals: whether the comparison leaves positions equal, and they are asked for.
    init(count: Int, countsEquals: Bool) {
        var leaves = 1
        while leaves < count { leaves *= 2 }
        self.leaves = leaves
        first = [Int32](repeating: -1, count: 2 * leaves)
        equals = [Int32](repeating: 0, count: countsEquals ? 2 * leaves : 0)
    }

    /// Whether mending that many paths costs more than mending everything.
    func isCheaperWhole(than paths: Int) -> Bool { paths * (leaves.trailingZeroBitCount + 1) > leaves }

    func contains(_ position: Int) -> Bool { first[leaves + position] >= 0 }

    /// Takes a position in or out. Mend its path then.
    mutating func set(_ position: Int, isIn: Bool) {
        first[leaves + position] = isIn ? Int32(position) : -1
        if !equals.isEmpty { equals[leaves + position] = isIn ? 1 : 0 }
    }

    mutating func mend(_ position: Int, by comparison: PlacementComparison) {
        var node = (leaves + position) / 2
        while node > 0 {
            mendNode(node, comparison)
            node /= 2
        }
    }

    mutating func mendWhole(by comparison: PlacementComparison) {
        for node in stride(from: leaves - 1, to: 0, by: -1) { mendNode(node, comparison) }
    }

    private mutating func mendNode(_ node: Int, _ comparison: PlacementComparison) {
        let (left, right) = (2 * node, 2 * node + 1)
        let order =
            if first[left] < 0 { 1 } else if first[right] < 0 { -1 } else {
                comparison.order(Int(first[left]), Int(first[right]))
            }
        first[node] = order > 0 ? first[right] : first[left]
        guard !equals.isEmpty else { return }
        equals[node] = (order <= 0 ? equals[left] : 0) + (order >= 0 ? equals[right] : 0)
    }

    /// The first position; nil when none is in the tree.
    var best: Int? { first[1] >= 0 ? Int(first[1]) : nil }

    /// How many positions are equal to the first; 0 when they are not counted.
    var bestCount: Int { equals.isEmpty ? 0 : Int(equals[1]) }

    /// One of the positions that are equal to the first: the one with `rank` of them before it. They must be counted.
    func best(_ rank: Int, by comparison: PlacementComparison) -> Int {
        var node = 1
        var rank = rank
        while node < leaves {
            node *= 2
            let isBest = first[node] >= 0 && comparison.order(Int(first[node]), Int(first[1])) == 0
            let count = isBest ? Int(equals[node]) : 0
            if rank >= count {
                rank -= count
                node += 1
            }
        }
        return node - leaves
    }
}
