/// What a refused signature tells the signer.
public enum SigV4Refusal {
    /// The verifier's clock in milliseconds since 1970, to the second, as the refusal of a signature for its time says it;
    /// nil when the message is about something else.
    public static func time(in message: String) -> Int64? {
        guard message.hasPrefix("Signature expired: ") || message.hasPrefix("Signature not yet current: "),
            let opening = message.lastIndex(of: "(")
        else { return nil }
        return SigV4Date(String(message[message.index(after: opening)...].prefix { $0 != " " }))?.milliseconds
    }
}
