import Alarms
import Domain
import Identifiers
import Testing

/// The tables of the guide, word for word.
///
/// - Source: Amazon CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data"
@Suite("Missing data")
struct MissingDataTests {
    struct Row: Sendable, CustomTestStringConvertible {
        /// The five newest periods, the oldest first: `0` is within the threshold, `X` beyond it.
        var data: String
        var filled: Int
        /// missing, ignore, breaching, notBreaching; nil retains the state.
        var states: [AlarmState?]
        var testDescription: String { data }
    }

    private static let retained: AlarmState? = nil

    static let threeOfThree = [
        Row(data: "0 - X - X", filled: 0, states: [.ok, .ok, .ok, .ok]),
        Row(data: "- - - - 0", filled: 2, states: [.ok, .ok, .ok, .ok]),
        Row(data: "- - - - -", filled: 3, states: [.insufficientData, retained, .alarm, .ok]),
        Row(data: "0 X X - X", filled: 0, states: [.alarm, .alarm, .alarm, .alarm]),
        Row(data: "- - X - -", filled: 2, states: [.alarm, retained, .alarm, .ok]),
    ]

    static let twoOfThree = [
        Row(data: "0 - X - X", filled: 0, states: [.alarm, .alarm, .alarm, .alarm]),
        Row(data: "0 0 X 0 X", filled: 0, states: [.alarm, .alarm, .alarm, .alarm]),
        Row(data: "0 - X - -", filled: 1, states: [.ok, .ok, .alarm, .ok]),
        Row(data: "- - - - 0", filled: 2, states: [.ok, .ok, .alarm, .ok]),
        Row(data: "- - - X -", filled: 2, states: [.alarm, retained, .alarm, .ok]),
    ]

    private func check(_ row: Row, datapointsToAlarm: Int) {
        let range: [AlarmDatapoint?] = row.data.split(separator: " ").enumerated().map { index, letter in
            letter == "-"
                ? nil
                : AlarmDatapoint(
                    time: Timestamp(milliseconds: Int64(index) * 60_000), value: letter == "X" ? 10 : 0)
        }
        let treatments: [MetricAlarm.MissingData] = [.missing, .ignore, .breaching, .notBreaching]
        for (treatment, state) in zip(treatments, row.states) {
            var alarm = MetricAlarm(
                input: .queries([]), comparison: .greater, threshold: 5, evaluationPeriods: 3)
            alarm.datapointsToAlarm = datapointsToAlarm
            alarm.missingData = treatment
            #expect(alarm.evaluationRange == range.count)
            let evaluation = alarm.evaluate(range)
            #expect(evaluation.filled == row.filled)
            #expect(evaluation.finding == (state.map { .state($0) } ?? .retained), "\(treatment)")
        }
    }

    @Test("of an alarm on 3 of 3", arguments: threeOfThree)
    func three(row: Row) { check(row, datapointsToAlarm: 3) }

    @Test("of an alarm on 2 of 3", arguments: twoOfThree)
    func two(row: Row) { check(row, datapointsToAlarm: 2) }

    @Test("does not make an alarm of a first breach", arguments: ["- - - - X", "- - - X -"])
    func premature(data: String) {
        check(
            Row(data: data, filled: 2, states: [.insufficientData, Self.retained, .alarm, .ok]), datapointsToAlarm: 3)
    }
}
