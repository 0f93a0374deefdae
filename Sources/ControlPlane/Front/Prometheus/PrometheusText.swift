/// Writes Prometheus' text format: one family after the other, each with its help and kind once.
/// - Source: Prometheus documentation, "Exposition formats", version 0.0.4.
struct PrometheusText {
    enum Kind: String { case counter, gauge }

    private(set) var bytes: [UInt8] = []

    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    mutating func family(
        _ name: String, _ kind: Kind, _ help: String, _ samples: [(labels: [(String, String)], value: Double)]
    ) {
        guard !samples.isEmpty else { return }
        line("# HELP \(name) \(Self.escaped(help, quotes: false))")
        line("# TYPE \(name) \(kind.rawValue)")
        for sample in samples {
            let labels = sample.labels.map { "\($0)=\"\(Self.escaped($1, quotes: true))\"" }.joined(separator: ",")
            line("\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(Self.text(sample.value))")
        }
    }

    mutating func value(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        family(name, kind, help, [(labels: [], value: value)])
    }

    private mutating func line(_ text: String) {
        bytes += text.utf8
        bytes.append(0x0A)
    }

    private static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == value.rounded(), value.magnitude < 1e15 { return String(Int64(value)) }
        return "\(value)"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    /// A name as Prometheus has them: `CPUUtilization` becomes `cpu_utilization`, `AWS/ECS` `aws_ecs`.
    static func name(_ text: String) -> String {
        var result = ""
        let letters = Array(text.unicodeScalars)
        for (index, letter) in letters.enumerated() {
            guard letter.isASCII, letter.properties.isAlphabetic || letter.properties.numericType != nil else {
                if !result.isEmpty, !result.hasSuffix("_") { result += "_" }
                continue
            }
            let beginsWord =
                letter.properties.isUppercase && index > 0
                && (letters[index - 1].properties.isLowercase
                    || (letters[index - 1].properties.isUppercase && index + 1 < letters.count
                        && letters[index + 1].properties.isLowercase))
            if beginsWord, !result.hasSuffix("_") { result += "_" }
            result += letter.properties.lowercaseMapping
        }
        let first = result.unicodeScalars.first
        return first == nil || first?.properties.numericType != nil ? "_" + result : result
    }
}
