/// A regular expression of the query language, matched against whole texts.
///
/// What cluster queries use of Java's syntax: literals, `.`, classes, `\d \w \s` and their opposites, groups, `|`, `^`, `$`
/// and the quantifiers `* + ? {m} {m,} {m,n}`. All readings of a text are followed at once, so the time grows with the size
/// of the pattern times the length of the text: no pattern of a caller can stall placement.
struct QueryPattern: Sendable {
    /// Longer than patterns for names and types of hosts are.
    static let longest = 200
    /// What repeats may blow a pattern up to: bounds the time for each character of a text.
    static let largestProgram = 500

    enum Instruction: Sendable {
        case one(ScalarClass)
        case split(Int, Int)
        case atStart, atEnd
        case matched
    }

    private let program: [Instruction]

    /// - Throws: what is wrong with `pattern`, or what of it is not supported.
    init(_ pattern: String) throws(QueryPatternError) {
        guard pattern.unicodeScalars.count <= Self.longest else {
            throw QueryPatternError(message: "is longer than \(Self.longest) characters")
        }
        var parser = QueryPatternParser(pattern)
        var compiler = Compiler()
        try compiler.add(try parser.parse())
        try compiler.emit(.matched)
        program = compiler.program
    }

    /// Whether the whole of `text` fits.
    func matches(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        var states = States(program, length: scalars.count)
        states.follow(0, at: 0)
        for (index, scalar) in scalars.enumerated() {
            let current = states.take()
            if current.isEmpty { return false }
            for state in current {
                if case .one(let scalars) = program[state], scalars.contains(scalar) {
                    states.follow(state + 1, at: index + 1)
                }
            }
        }
        return states.isMatched
    }

    /// The instructions that are reached at one place of a text, each once.
    private struct States {
        private let program: [Instruction]
        private let length: Int
        private var reached: [Int] = []
        private var isReached: [Bool]
        private(set) var isMatched = false

        init(_ program: [Instruction], length: Int) {
            self.program = program
            self.length = length
            isReached = Array(repeating: false, count: program.count)
        }

        mutating func take() -> [Int] {
            defer {
                reached = []
                isReached = Array(repeating: false, count: program.count)
                isMatched = false
            }
            return reached
        }

        mutating func follow(_ start: Int, at position: Int) {
            var open = [start]
            while let state = open.popLast() {
                if isReached[state] { continue }
                isReached[state] = true
                switch program[state] {
                case .one: reached.append(state)
                case .split(let first, let second): open += [second, first]
                case .atStart: if position == 0 { open.append(state + 1) }
                case .atEnd: if position == length { open.append(state + 1) }
                case .matched: isMatched = true
                }
            }
        }
    }

    private struct Compiler {
        private(set) var program: [Instruction] = []

        mutating func emit(_ instruction: Instruction) throws(QueryPatternError) {
            guard program.count < QueryPattern.largestProgram else {
                throw QueryPatternError(message: "repeats too much")
            }
            program.append(instruction)
        }

        mutating func add(_ node: QueryPatternNode) throws(QueryPatternError) {
            switch node {
            case .one(let scalars): try emit(.one(scalars))
            case .atStart: try emit(.atStart)
            case .atEnd: try emit(.atEnd)
            case .sequence(let nodes): for node in nodes { try add(node) }
            case .choice(let left, let right): try add(left, or: right)
            case .repeated(let node, let least, let most): try add(node, from: least, to: most)
            }
        }

        private mutating func add(_ left: QueryPatternNode, or right: QueryPatternNode) throws(QueryPatternError) {
            let fork = program.count
            try emit(.split(0, 0))
            try add(left)
            let leap = program.count
            try emit(.split(0, 0))
            program[fork] = .split(fork + 1, program.count)
            try add(right)
            program[leap] = .split(program.count, program.count)
        }

        private mutating func add(
            _ node: QueryPatternNode, from least: Int, to most: Int?
        ) throws(QueryPatternError) {
            for _ in 0..<least {
                let start = program.count
                try add(node)
                // Nothing however often is nothing.
                if program.count == start { return }
            }
            guard let most else {
                let fork = program.count
                try emit(.split(0, 0))
                try add(node)
                try emit(.split(fork, fork))
                program[fork] = .split(fork + 1, program.count)
                return
            }
            var forks: [Int] = []
            for _ in 0..<max(0, most - least) {
                forks.append(program.count)
                try emit(.split(0, 0))
                try add(node)
            }
            for fork in forks { program[fork] = .split(fork + 1, program.count) }
        }
    }
}

/// Why a regular expression is refused; reads on after the expression's name.
struct QueryPatternError: Error, Hashable, Sendable {
    var message: String
}

/// What one character may be.
struct ScalarClass: Hashable, Sendable {
    private var ranges: [ClosedRange<UInt32>]
    var isNegated = false

    init(_ ranges: [ClosedRange<UInt32>]) { self.ranges = ranges }

    init(_ scalar: Unicode.Scalar) { self.init([scalar.value...scalar.value]) }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        ranges.contains { $0.contains(scalar.value) } != isNegated
    }

    mutating func insert(_ range: ClosedRange<UInt32>) { ranges.append(range) }

    mutating func insert(_ other: ScalarClass) { ranges += other.isNegated ? other.rest : other.ranges }

    /// What is in none of the ranges.
    private var rest: [ClosedRange<UInt32>] {
        var gaps: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > next { gaps.append(next...(range.lowerBound - 1)) }
            next = max(next, range.upperBound + 1)
        }
        if next <= 0x10_FFFF { gaps.append(next...0x10_FFFF) }
        return gaps
    }

    /// The class that `\` and a letter name; nil for another letter.
    init?(escape letter: Unicode.Scalar) {
        switch letter {
        case "d", "D": self.init([48...57])
        case "w", "W": self.init([48...57, 65...90, 95...95, 97...122])
        case "s", "S": self.init([9...13, 32...32])
        default: return nil
        }
        isNegated = letter.value < 97
    }

    /// `.`: anything but the end of a line.
    static let any: ScalarClass = {
        var lines = ScalarClass([10...10, 13...13])
        lines.isNegated = true
        return lines
    }()
}
