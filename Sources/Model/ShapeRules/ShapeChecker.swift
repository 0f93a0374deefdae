/// A shape whose members the service model constrains.
public protocol ConstrainedShape {
    /// Reports every member that breaks a rule, those of nested shapes included.
    func check(_ checker: inout ShapeChecker)
}

extension ConstrainedShape {
    /// The broken rules in the order of the model's members, the first 10 of them.
    public func violations() -> [ShapeViolation] {
        var checker = ShapeChecker()
        check(&checker)
        return checker.violations
    }
}

/// Collects the violations of one request. The generated checks call it, one call a rule.
///
/// An absent member breaks no rule but `require`.
public struct ShapeChecker: Sendable {
    /// A client needs the first; more than this many would only let a hostile request make a large answer.
    private static let limit = 10

    public private(set) var violations: [ShapeViolation] = []
    private var path: [String] = []

    public init() {}

    public mutating func require(_ name: String, _ value: (some Any)?) {
        if value == nil { report(name, .required, "") }
    }

    // MARK: Shapes inside

    public mutating func inside(_ name: String, _ shape: (some ConstrainedShape)?) {
        guard let shape else { return }
        path.append(name)
        shape.check(&self)
        path.removeLast()
    }

    public mutating func inside(_ name: String, _ shapes: [some ConstrainedShape]?) {
        guard let shapes else { return }
        for (index, shape) in shapes.enumerated() where violations.count < Self.limit {
            inside("\(name)[\(index)]", shape)
        }
    }

    // MARK: Values

    public mutating func oneOf(_ name: String, _ value: String?, _ values: [String]) {
        if let value, !values.contains(value) { report(name, .oneOf(values), value) }
    }

    public mutating func oneOf(_ name: String, _ elements: [String]?, _ values: [String]) {
        for (index, value) in (elements ?? []).enumerated() { oneOf("\(name)[\(index)]", value, values) }
    }

    public mutating func range<Number: Comparable & CustomStringConvertible & Sendable>(
        _ name: String, _ value: Number?, _ minimum: Number?, _ maximum: Number?
    ) {
        guard let value else { return }
        if minimum.map({ value >= $0 }) ?? true, maximum.map({ value <= $0 }) ?? true { return }
        report(name, .range(minimum: minimum?.description, maximum: maximum?.description), value.description)
    }

    /// Counts Unicode scalars, which is what AWS calls characters.
    public mutating func length(_ name: String, _ value: String?, _ minimum: Int?, _ maximum: Int?) {
        guard let value else { return }
        let length = value.unicodeScalars.count
        if length >= minimum ?? 0, length <= maximum ?? .max { return }
        report(name, .length(minimum: minimum, maximum: maximum), value)
    }

    public mutating func length(_ name: String, _ elements: [String]?, _ minimum: Int?, _ maximum: Int?) {
        for (index, value) in (elements ?? []).enumerated() { length("\(name)[\(index)]", value, minimum, maximum) }
    }

    public mutating func pattern(_ name: String, _ value: String?, _ pattern: ScalarPattern) {
        if let value, !pattern.matches(value) { report(name, .pattern(pattern.source), value) }
    }

    public mutating func pattern(_ name: String, _ elements: [String]?, _ pattern: ScalarPattern) {
        for (index, value) in (elements ?? []).enumerated() { self.pattern("\(name)[\(index)]", value, pattern) }
    }

    public mutating func count(_ name: String, _ elements: [some Any]?, _ minimum: Int?, _ maximum: Int?) {
        guard let elements else { return }
        if elements.count >= minimum ?? 0, elements.count <= maximum ?? .max { return }
        report(name, .count(minimum: minimum, maximum: maximum), elements.count.description)
    }

    private mutating func report(_ name: String, _ rule: ShapeViolation.Rule, _ value: String) {
        guard violations.count < Self.limit else { return }
        violations.append(ShapeViolation(path: (path + [name]).joined(separator: "."), rule: rule, value: value))
    }
}
