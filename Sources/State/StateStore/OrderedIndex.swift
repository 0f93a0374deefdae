/// A persistent ordered set: a height-balanced tree whose copies share structure.
///
/// Insert, remove and seek cost O(log n).
public struct OrderedIndex<Element: Comparable & Sendable>: Sendable {
    private final class Node: Sendable {
        let element: Element
        let height: Int
        let left: Node?
        let right: Node?

        init(_ element: Element, _ left: Node?, _ right: Node?) {
            self.element = element
            self.left = left
            self.right = right
            height = max(left?.height ?? 0, right?.height ?? 0) + 1
        }
    }

    private var root: Node?
    public private(set) var count = 0

    public init() {}

    public mutating func insert(_ element: Element) {
        guard let grown = Self.inserting(element, into: root) else { return }
        root = grown
        count += 1
    }

    public mutating func remove(_ element: Element) {
        guard contains(element) else { return }
        root = Self.removing(element, from: root)
        count -= 1
    }

    public func contains(_ element: Element) -> Bool {
        var node = root
        while let current = node {
            if element == current.element { return true }
            node = element < current.element ? current.left : current.right
        }
        return false
    }

    /// The elements from `start` on (inclusive), ascending.
    public func ascending(from start: Element? = nil) -> AnySequence<Element> {
        AnySequence { () -> AnyIterator<Element> in
            var stack: [Node] = []
            func descend(_ node: Node?) {
                var node = node
                while let current = node {
                    if let start, current.element < start {
                        node = current.right
                    } else {
                        stack.append(current)
                        node = current.left
                    }
                }
            }
            descend(root)
            return AnyIterator {
                guard let next = stack.popLast() else { return nil }
                descend(next.right)
                return next.element
            }
        }
    }

    /// nil when the element is there already.
    private static func inserting(_ element: Element, into node: Node?) -> Node? {
        guard let node else { return Node(element, nil, nil) }
        if element == node.element { return nil }
        if element < node.element {
            return inserting(element, into: node.left).map { balanced(node.element, $0, node.right) }
        }
        return inserting(element, into: node.right).map { balanced(node.element, node.left, $0) }
    }

    private static func removing(_ element: Element, from node: Node?) -> Node? {
        guard let node else { return nil }
        if element < node.element { return balanced(node.element, removing(element, from: node.left), node.right) }
        if node.element < element { return balanced(node.element, node.left, removing(element, from: node.right)) }
        guard let right = node.right else { return node.left }
        guard node.left != nil else { return right }
        var least = right
        while let left = least.left { least = left }
        return balanced(least.element, node.left, removing(least.element, from: right))
    }

    private static func balanced(_ element: Element, _ left: Node?, _ right: Node?) -> Node {
        let leftHeight = left?.height ?? 0
        let rightHeight = right?.height ?? 0
        if let left, leftHeight > rightHeight + 1 {
            if (left.left?.height ?? 0) >= (left.right?.height ?? 0) {
                return Node(left.element, left.left, Node(element, left.right, right))
            }
            if let pivot = left.right {
                return Node(
                    pivot.element, Node(left.element, left.left, pivot.left), Node(element, pivot.right, right))
            }
        }
        if let right, rightHeight > leftHeight + 1 {
            if (right.right?.height ?? 0) >= (right.left?.height ?? 0) {
                return Node(right.element, Node(element, left, right.left), right.right)
            }
            if let pivot = right.left {
                return Node(
                    pivot.element, Node(element, left, pivot.left), Node(right.element, pivot.right, right.right))
            }
        }
        return Node(element, left, right)
    }
}
