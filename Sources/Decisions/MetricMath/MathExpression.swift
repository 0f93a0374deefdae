/// An expression of metric math, read.
///
/// - Source: Amazon CloudWatch User Guide, "Using math expressions with CloudWatch metrics"
public struct MathExpression: Hashable, Sendable {
    indirect enum Node: Hashable, Sendable {
        case number(Double)
        case text(String)
        /// Another query's id.
        case name(String)
        case list([Node])
        case call(String, [Node])
        case negated(Node)
        case operation(Operator, Node, Node)
    }

    enum Operator: String, Hashable, Sendable {
        case or, and
        case equal = "==", unequal = "!=", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="
        case add = "+", subtract = "-", multiply = "*", divide = "/", power = "^"

        /// What binds closer has a higher one.
        var rank: Int {
            switch self {
            case .or: 0
            case .and: 1
            case .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual: 2
            case .add, .subtract: 3
            case .multiply, .divide: 4
            case .power: 5
            }
        }

        func apply(_ left: Double, _ right: Double) -> Double {
            switch self {
            case .or: left != 0 || right != 0 ? 1 : 0
            case .and: left != 0 && right != 0 ? 1 : 0
            case .equal: left == right ? 1 : 0
            case .unequal: left != right ? 1 : 0
            case .less: left < right ? 1 : 0
            case .lessOrEqual: left <= right ? 1 : 0
            case .greater: left > right ? 1 : 0
            case .greaterOrEqual: left >= right ? 1 : 0
            case .add: left + right
            case .subtract: left - right
            case .multiply: left * right
            case .divide: left / right
            case .power: Power.raise(left, right)
            }
        }
    }

    let root: Node

    /// - Throws: what is wrong with it, but for ids, which it does not know.
    public init(_ text: String) throws(MathError) {
        var parser = MathParser(text)
        root = try parser.whole()
    }
}

/// Why there is no value of an expression.
public enum MathError: Error, Hashable, Sendable {
    case syntax
    case unknownFunction(String)
    /// CloudWatch has it and Berth has not.
    case unbuiltFunction(String)
    case undefined(String)
    case cycle
    /// A function's arguments are not what it takes, or an operator's sides do not fit.
    case arguments(String)
    /// The whole gives a number or a text, where it has to give a time series.
    case noSeries
    /// It nests too deeply, or gives too much.
    case tooLarge

    /// What follows `Error in expression 'ID': `.
    public var message: String {
        switch self {
        case .syntax: "Invalid syntax"
        case .unknownFunction(let name): "Unknown function '\(name.prefix(100))'"
        case .unbuiltFunction(let name): "The function '\(name)' is not built yet"
        case .undefined(let name): "Undefined variable: \(name.prefix(255))"
        case .cycle: "Circular references are not allowed"
        case .arguments(let of): "Invalid arguments of '\(of)'"
        case .tooLarge: "The expression is too large"
        case .noSeries: "The expression does not return a time series or an array of time series"
        }
    }
}
