public import Domain
public import Identifiers
public import JSONBytes

/// What a target is handed of an event.
public enum TargetInput {
    /// Variables that every template may use.
    public static let reserved: Set<String> = [
        "aws.events.rule-arn", "aws.events.rule-name", "aws.events.event.ingestion-time", "aws.events.event",
        "aws.events.event.json",
    ]

    /// The text that goes to the target; nil when `InputPath` names nothing in the event, which is then not delivered.
    ///
    /// - Parameter ingestedAt: when the event came to the bus, as text.
    public static func of(
        _ event: JSONValue, for target: EventTarget, of rule: EventRuleID, ingestedAt: String
    ) -> String? {
        if let input = target.input { return input }
        if let path = target.inputPath {
            return JSONPath(path)?.value(in: event).map(json)
        }
        guard let transformer = target.transformer else { return json(event) }
        let paths = transformer.paths.compactMapValues(JSONPath.init)
        return InputTemplate(transformer.template).filled { name in
            switch name {
            case "aws.events.rule-arn": .string(rule.arn)
            case "aws.events.rule-name": .string(rule.name)
            case "aws.events.event.ingestion-time": .string(ingestedAt)
            case "aws.events.event.json": event
            case "aws.events.event":
                .object((event.object ?? [:]).filter { $0.key != "detail" })
            default: paths[name]?.value(in: event)
            }
        }
    }

    private static func json(_ value: JSONValue) -> String { String(decoding: value.jsonBytes(), as: UTF8.self) }
}
