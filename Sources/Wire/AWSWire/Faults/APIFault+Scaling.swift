/// The exceptions of Application Auto Scaling.
extension APIFault {
    public static func objectNotFound(_ message: String) -> APIFault {
        APIFault("ObjectNotFoundException", message: message)
    }

    public static func invalidNextTokenException() -> APIFault {
        APIFault("InvalidNextTokenException", message: "The next token supplied was invalid.")
    }

    public static func tooManyTags(_ message: String) -> APIFault {
        APIFault("TooManyTagsException", message: message)
    }
}
