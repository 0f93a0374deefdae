/// The exceptions of EventBridge, with its texts.
extension APIFault {
    public static func validation(_ message: String) -> APIFault { APIFault("ValidationException", message: message) }

    public static func invalidEventPattern(_ reason: String) -> APIFault {
        APIFault("InvalidEventPatternException", message: "Event pattern is not valid. Reason: \(reason)")
    }

    public static func noSuchRule(_ name: String) -> APIFault {
        .resourceNotFound("Rule \(name) does not exist on EventBus default.")
    }

    public static func eventLimitExceeded() -> APIFault {
        .limitExceeded("The requested resource exceeds the maximum number allowed.")
    }
}
