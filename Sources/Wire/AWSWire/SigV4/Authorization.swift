/// The parts of an `Authorization` header of SigV4.
struct Authorization {
    let accessKeyID: String
    let scope: SigV4Scope
    /// Lower case, in the order of the header.
    let signedHeaders: [String]
    let signature: [UInt8]

    /// - Throws: `.incomplete` with AWS's wording.
    init(_ header: String) throws(SigV4Error) {
        let parts = header.parts(at: UInt8(ascii: " "), maxSplits: 1)
        guard parts.count == 2, parts[0] == "AWS4-HMAC-SHA256" else {
            throw .incomplete("Unsupported AWS 'algorithm': '\(parts.first?.prefix(40) ?? "")'.")
        }
        var credential, signedHeaders, signature: Substring?
        for field in parts[1].parts(at: UInt8(ascii: ",")) {
            let pair = Substring(field.utf8.drop { $0 == UInt8(ascii: " ") }).parts(at: UInt8(ascii: "="), maxSplits: 1)
            guard pair.count == 2 else { continue }
            switch pair[0] {
            case "Credential": credential = pair[1]
            case "SignedHeaders": signedHeaders = pair[1]
            case "Signature": signature = pair[1]
            default: break
            }
        }
        guard let credential, let signedHeaders, let signature else {
            let fields = [("Credential", credential), ("Signature", signature), ("SignedHeaders", signedHeaders)]
            let sentences = fields.filter { $0.1 == nil }.map { "Authorization header requires '\($0.0)' parameter." }
            throw .incomplete(sentences.joined(separator: " "))
        }
        (accessKeyID, scope) = try Self.credential(credential)
        let names = signedHeaders.parts(at: UInt8(ascii: ";")).map(String.init)
        // A name said over and over would make the text to be signed a thousand times as long as the request.
        guard zip(names, names.dropFirst()).allSatisfy(<) || Set(names).count == names.count else {
            throw .incomplete("'SignedHeaders' must name each header once.")
        }
        self.signedHeaders = names
        self.signature = Hexadecimal.decode(String(signature)) ?? []
    }

    private static func credential(_ text: Substring) throws(SigV4Error) -> (String, SigV4Scope) {
        let parts = text.parts(at: UInt8(ascii: "/"), keepingEmpty: true).map(String.init)
        guard parts.count == 5 else {
            throw .incomplete(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
                    + "got '\(text.prefix(100))'.")
        }
        guard parts[4] == "aws4_request" else {
            throw .wrongScope("Credential should be scoped with a valid terminator: 'aws4_request', not '\(parts[4])'.")
        }
        return (parts[0], SigV4Scope(day: parts[1], region: parts[2], service: parts[3]))
    }
}
