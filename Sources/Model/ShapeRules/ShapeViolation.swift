/// A member of a request that breaks a rule of the service model.
public struct ShapeViolation: Error, Hashable, Sendable {
    /// The rule that is broken. A bound that is nil does not exist.
    public enum Rule: Hashable, Sendable {
        case required
        case oneOf([String])
        case range(minimum: String?, maximum: String?)
        case length(minimum: Int?, maximum: Int?)
        case count(minimum: Int?, maximum: Int?)
        case pattern(String)
    }

    /// Where the member is, such as `containerDefinitions[0].name`.
    public var path: String
    public var rule: Rule
    /// What was there, shortened to 100 characters; empty where nothing was.
    public var value: String

    public init(path: String, rule: Rule, value: String) {
        self.path = path
        self.rule = rule
        self.value = value.count > 100 ? value.prefix(100) + "…" : value
    }

    /// The sentence that clients are shown.
    public var message: String {
        switch rule {
        case .required: "\(subject) cannot be empty."
        case .oneOf(let values):
            "Invalid value '\(value)' for parameter '\(path)'. Valid values are [\(values.joined(separator: ", "))]."
        case .range(let minimum, let maximum):
            "Invalid value '\(value)' for parameter '\(path)'. It must be \(Self.bounds(minimum, maximum))."
        case .length(let minimum, let maximum):
            "Invalid value '\(value)' for parameter '\(path)'. Its length must be "
                + "\(Self.bounds(minimum?.description, maximum?.description)) characters."
        case .count(let minimum, let maximum):
            "Parameter '\(path)' has \(value) elements. It must have "
                + "\(Self.bounds(minimum?.description, maximum?.description))."
        case .pattern(let pattern):
            "Invalid value '\(value)' for parameter '\(path)'. It must match the pattern \(pattern)."
        }
    }

    /// The path; that of a top-level member as ECS words it, with a capital letter.
    private var subject: String {
        path.contains(".") ? path : path.prefix(1).uppercased() + path.dropFirst()
    }

    private static func bounds(_ minimum: String?, _ maximum: String?) -> String {
        switch (minimum, maximum) {
        case (let minimum?, let maximum?): "between \(minimum) and \(maximum)"
        case (let minimum?, nil): "at least \(minimum)"
        case (nil, let maximum?): "at most \(maximum)"
        case (nil, nil): "present"
        }
    }
}
