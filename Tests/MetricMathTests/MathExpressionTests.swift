import Domain
import Identifiers
import MetricMath
import Testing

@Suite("Metric math")
struct MathExpressionTests {
    /// Minutes 0 to 4; m1 has a gap at 2, m2 none.
    private static let values: [String: [Double?]] = ["m1": [1, 2, nil, 4, 8], "m2": [10, 10, 10, 20, 0]]

    private static func stat(_ id: String) -> MetricStat {
        let scope = Scope(account: "000000000000", region: "us-east-1")
        return MetricStat(
            metric: MetricID(scope: scope, namespace: "N", name: id), period: 60, statistic: .average)
    }

    private static func math(_ text: String) throws(MetricMathError) -> MetricMath {
        try MetricMath(
            values.keys.sorted().map { MetricQuery(id: $0, source: .stat(stat($0)), returnsData: false) }
                + [MetricQuery(id: "e", source: .expression(text))])
    }

    /// The values of minutes 0 to 4 of each series that the expression gives.
    private static func result(_ text: String) throws -> [[Double?]] {
        let window = MathWindow(from: Timestamp(milliseconds: 0), to: Timestamp(milliseconds: 300_000))
        let results = try math(text).evaluate(in: window) { stat in
            (values[stat.metric.name] ?? []).enumerated().compactMap { minute, value in
                value.map {
                    MetricPoint(time: Timestamp(milliseconds: Int64(minute) * 60_000), statistics: StatisticSet($0))
                }
            }
        }
        return (results["e"] ?? []).map { series in
            (0..<5).map { minute in
                series.points.first { $0.time.milliseconds == Int64(minute) * 60_000 }?.value
            }
        }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var text: String
        var expected: [Double?]
        var testDescription: String { text }

        init(_ text: String, _ expected: [Double?]) {
            self.text = text
            self.expected = expected
        }
    }

    @Test(
        "gives",
        arguments: [
            Row("m1 + m2", [11, 12, nil, 24, 8]), Row("m1 + m2 * 2", [21, 22, nil, 44, 8]),
            Row("(m1 + m2) * 2", [22, 24, nil, 48, 16]), Row("m2 - m1 - 1", [8, 7, nil, 15, -9]),
            Row("2 ^ 3 ^ 2 + m1 * 0", [512, 512, nil, 512, 512]), Row("-m1 ^ 2", [-1, -4, nil, -16, -64]),
            Row("m1 ^ 0.5", [1, 1.4142135623730951, nil, 2, 2.8284271247461903]),
            Row("100 / m2", [10, 10, 10, 5, nil]), Row("m1 > 1 && m1 < 8", [0, 1, nil, 1, 0]),
            Row("m1 == 1 OR m1 >= 8", [1, 0, nil, 0, 1]), Row("m1 != 4", [1, 1, nil, 0, 1]),
            Row("SUM([m1, m2])", [11, 12, 10, 24, 8]), Row("AVG([m1, m2])", [5.5, 6, 10, 12, 4]),
            Row("MAX([m1, m2])", [10, 10, 10, 20, 8]), Row("MIN(METRICS())", [1, 2, 10, 4, 0]),
            Row("SUM(METRICS(\"2\"))", [10, 10, 10, 20, 0]), Row("m1 / SUM(m1) * 15", [1, 2, nil, 4, 8]),
            Row("m1 - AVG(m2)", [-9, -8, nil, -6, -2]), Row("FILL(m1, 0)", [1, 2, 0, 4, 8]),
            Row("FILL(m1, REPEAT)", [1, 2, 2, 4, 8]), Row("FILL(m1, LINEAR)", [1, 2, 3, 4, 8]),
            Row("FILL(m1, m2)", [1, 2, 10, 4, 8]), Row("RATE(m1) * 60", [nil, 1, nil, 1, 4]),
            Row("DIFF(m1)", [nil, 1, nil, 2, 4]), Row("DIFF_TIME(m1)", [nil, 60, nil, 120, 60]),
            Row("RUNNING_SUM(m1)", [1, 3, nil, 7, 15]), Row("PERIOD(m1) + m1 * 0", [60, 60, nil, 60, 60]),
            Row("IF(m1 > 2, m1, 0)", [0, 0, nil, 4, 8]), Row("IF(m1 > 2, m1)", [nil, nil, nil, 4, 8]),
            Row("IF(m2 > 5, m1, m2)", [1, 2, nil, 4, 0]), Row("ABS(m1 - m2)", [9, 8, nil, 16, 8]),
            Row("CEIL(m1 / 3)", [1, 1, nil, 2, 3]), Row("FLOOR(m1 / 3)", [0, 0, nil, 1, 2]),
            Row("TIME_SERIES(MAX(m1))", [8, 8, 8, 8, 8]), Row("m1 * DATAPOINT_COUNT(m1)", [4, 8, nil, 16, 32]),
            Row("STDDEV([m1, m2])", [4.5, 4, 0, 8, 4]), Row("LOG10(m2 * 10)", [2, 2, 2, 2.301029995663981, nil]),
            Row("EPOCH(m1)", [0, 60, nil, 180, 240]), Row("FIRST([m2, m1])", [10, 10, 10, 20, 0]),
            Row("1e1 * m1 - .5", [9.5, 19.5, nil, 39.5, 79.5]),
        ])
    func gives(row: Row) throws {
        let result = try Self.result(row.text)
        #expect(result.count == 1)
        for (value, expected) in zip(result.first ?? [], row.expected) {
            switch (value, expected) {
            case (let value?, let expected?): #expect(abs(value - expected) < 1e-9, "\(value) \(expected)")
            default: #expect(value == expected)
            }
        }
    }

    @Test("gives an array a series for each")
    func arrays() throws {
        #expect(try Self.result("METRICS() * 2") == [[2, 4, nil, 8, 16], [20, 20, 20, 40, 0]])
        #expect(try Self.result("REMOVE_EMPTY([m1, m2])").count == 2)
        #expect(try Self.result("[m1, m2] / m2") == [[0.1, 0.2, nil, 0.2, nil], [1, 1, 1, 1, nil]])
    }

    @Test(
        "refuses",
        arguments: [
            ("", MathError.syntax), ("m1 +", .syntax), ("(m1", .syntax), ("m1 m2", .syntax), ("m1 & m2", .syntax),
            ("\"a", .syntax), (String(repeating: "(", count: 500), .syntax),
            ("COFFEE(m1)", .unknownFunction("COFFEE")), ("SEARCH(\"x\")", .unbuiltFunction("SEARCH")),
            ("ANOMALY_DETECTION_BAND(m1)", .unbuiltFunction("ANOMALY_DETECTION_BAND")), ("m3", .undefined("m3")),
            ("e", .cycle), ("5", .noSeries), ("SUM(m1)", .noSeries), ("SUM()", .arguments("SUM")),
            ("SUM(1)", .arguments("SUM")), ("m1 + \"a\"", .arguments("+")), ("IF(m1)", .arguments("IF")),
            ("FILL(m1)", .arguments("FILL")), ("[m1, 1]", .arguments("[]")), ("RATE(1)", .arguments("RATE")),
            ("[m1, m2] + [m1]", .arguments("+")),
        ])
    func refuses(text: String, expected: MathError) {
        #expect(throws: MetricMathError(id: "e", error: expected)) { try Self.math(text) }
    }

    @Test("may pass through other expressions, in any order")
    func chains() throws {
        let math = try MetricMath([
            MetricQuery(id: "a", source: .expression("b * 2")),
            MetricQuery(id: "b", source: .expression("m + 1"), returnsData: false),
            MetricQuery(id: "m", source: .stat(Self.stat("m")), returnsData: false),
        ])
        let window = MathWindow(from: Timestamp(milliseconds: 0), to: Timestamp(milliseconds: 60_000))
        let results = math.evaluate(in: window) { _ in
            [MetricPoint(time: Timestamp(milliseconds: 0), statistics: StatisticSet(3))]
        }
        #expect(results.keys.sorted() == ["a"])
        #expect(results["a"]?.first?.points.map(\.value) == [8])
    }

    @Test("that nests too deeply or gives too much is refused, in whatever order it stands there")
    func tooLarge() {
        let ones = String(repeating: "+1", count: 1000)
        let chain =
            (0..<60).map { MetricQuery(id: "e\($0)", source: .expression("e\($0 + 1)\(ones)")) }
            + [MetricQuery(id: "e60", source: .stat(Self.stat("m1")))]
        #expect(throws: MetricMathError(id: "e0", error: .tooLarge)) { try MetricMath(chain) }
        let many = { (id: String) in "[" + Array(repeating: id, count: 300).joined(separator: ",") + "]" }
        let lists = [
            MetricQuery(id: "a", source: .stat(Self.stat("m1"))), MetricQuery(id: "b", source: .expression(many("a"))),
            MetricQuery(id: "c", source: .expression(many("b"))),
        ]
        #expect(throws: MetricMathError(id: "c", error: .tooLarge)) { try MetricMath(lists) }
    }

    @Test("over a chain whose parts are each known gives no value once it would nest too deeply")
    func deepChain() throws {
        let ones = String(repeating: "+1", count: 1000)
        var chain = [MetricQuery(id: "e60", source: .stat(Self.stat("m1")), returnsData: false)]
        for number in (0..<60).reversed() {
            chain.append(
                MetricQuery(
                    id: "e\(number)", source: .expression("e\(number + 1)\(ones)"), returnsData: number == 0))
        }
        let window = MathWindow(from: Timestamp(milliseconds: 0), to: Timestamp(milliseconds: 300_000))
        #expect(try MetricMath(chain).evaluate(in: window) { _ in [] } == ["e0": []])
    }

    @Test("over all times there are gives as many periods as an answer may have")
    func allTimes() throws {
        let math = try MetricMath([MetricQuery(id: "a", source: .expression("TIME_SERIES(1)"))])
        let window = MathWindow(from: Timestamp(milliseconds: .min / 2), to: Timestamp(milliseconds: .max))
        #expect(math.evaluate(in: window) { _ in [] }["a"]?.first?.points.count == 100_800)
    }

    @Test("of random text never traps")
    func fuzz() {
        var state: UInt64 = 7
        let pieces = [
            "m1", "m2", "(", ")", "[", "]", "+", "-", "^", "SUM", "FILL", "IF", ",", "1", ".5", "\"x\"", "&&", " ",
        ]
        for _ in 0..<20_000 {
            var text = ""
            for _ in 0..<12 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text += pieces[Int(state >> 33) % pieces.count]
            }
            _ = try? Self.math(text)
        }
    }
}
