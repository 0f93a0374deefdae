/// The exceptions of CloudWatch, by the names of their shapes, with its texts.
extension APIFault {
    /// What is wrong with a request of metrics math or alarms; no shape of the model.
    public static func validationError(_ message: String) -> APIFault { APIFault("ValidationError", message: message) }

    public static func invalidParameterValue(_ message: String) -> APIFault {
        APIFault("InvalidParameterValueException", message: message)
    }

    public static func missingParameter(_ message: String) -> APIFault {
        APIFault("MissingRequiredParameterException", message: message)
    }

    public static func invalidParameterCombination(_ message: String) -> APIFault {
        APIFault("InvalidParameterCombinationException", message: message)
    }

    public static func invalidNextToken() -> APIFault {
        APIFault("InvalidNextToken", message: "The next token specified is invalid.")
    }

    public static func invalidFormat(_ message: String) -> APIFault { APIFault("InvalidFormatFault", message: message) }

    public static func limitExceededFault(_ message: String) -> APIFault {
        APIFault("LimitExceededFault", message: message)
    }

    public static func alarmNotFound(_ message: String = "Unknown") -> APIFault {
        var fault = APIFault("ResourceNotFound", message: message)
        fault.status = 404
        return fault
    }

    /// Of operations on tags.
    public static func taggedAlarmNotFound(_ arn: String) -> APIFault {
        var fault = APIFault("ResourceNotFoundException", message: "Alarm '\(arn.prefix(1024))' does not exist")
        fault.status = 404
        return fault
    }
}
