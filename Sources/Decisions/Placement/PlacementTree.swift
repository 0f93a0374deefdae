/// Who comes first in every range of positions: a binary tree in which each node holds the better of its two children.
///
/// What changed at a position is mended along its path to the root, so it costs O(log n). The comparison may have changed
/// between positions far apart; then the paths of the ends of each range within which it has not must be mended.
struct PlacementTree: Sendable {
    /// A power of two: the ranges of the nodes are then whole.
    private let leaves: Int
    /// The first position by node, -1 for none. The root is 1, the children of `n` are `2n` and `2n + 1`.
    private var first: [Int32]
    /// How many positions are equal to the first, by node.
    private var equals: [Int32]

    /// - Parameter count: positions; none is in the tree yet.
    init(count: Int) {
        var leaves = 1
        while leaves < count { leaves *= 2 }
        self.leaves = leaves
        first = [Int32](repeating: -1, count: 2 * leaves)
        equals = [Int32](repeating: 0, count: 2 * leaves)
    }

    /// Whether mending that many paths costs more than mending everything.
    func isCheaperWhole(than paths: Int) -> Bool { paths * (leaves.trailingZeroBitCount + 1) > leaves }

    func contains(_ position: Int) -> Bool { equals[leaves + position] > 0 }

    /// Takes a position in or out. Mend its path then.
    mutating func set(_ position: Int, isIn: Bool) {
        first[leaves + position] = isIn ? Int32(position) : -1
        equals[leaves + position] = isIn ? 1 : 0
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
        var better = left
        if equals[left] == 0 {
            better = right
        } else if equals[right] > 0 {
            let order = comparison.order(Int(first[left]), Int(first[right]))
            if order == 0 {
                first[node] = first[left]
                equals[node] = equals[left] + equals[right]
                return
            }
            if order > 0 { better = right }
        }
        first[node] = first[better]
        equals[node] = equals[better]
    }

    /// The first position; nil when none is in the tree.
    var best: Int? { equals[1] > 0 ? Int(first[1]) : nil }

    /// How many positions are equal to the first.
    var bestCount: Int { Int(equals[1]) }

    /// One of the positions that are equal to the first: the one with `rank` of them before it.
    func best(_ rank: Int, by comparison: PlacementComparison) -> Int {
        var node = 1
        var rank = rank
        while node < leaves {
            node *= 2
            let isBest = equals[node] > 0 && comparison.order(Int(first[node]), Int(first[1])) == 0
            let count = isBest ? Int(equals[node]) : 0
            if rank >= count {
                rank -= count
                node += 1
            }
        }
        return node - leaves
    }
}
