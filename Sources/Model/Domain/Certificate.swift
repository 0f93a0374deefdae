public import Identifiers

/// A text that is shown to nobody: what prints a record that holds it prints no more than that it is there.
public struct SecretText: Hashable, Codable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    public var text: String

    public init(_ text: String) { self.text = text }

    public var description: String { "(secret)" }
    public var debugDescription: String { "(secret)" }
    public var customMirror: Mirror { Mirror(self, children: []) }

    public init(from decoder: any Decoder) throws { text = try decoder.singleValueContainer().decode(String.self) }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// What a certificate says of itself.
public struct CertificateFacts: Hashable, Codable, Sendable {
    /// The common name, or the first alternative name.
    public var domain: String
    /// DNS names for which it is good, the domain among them.
    public var alternativeNames: [String]
    /// Distinguished name, as it is written.
    public var subject: String
    public var issuer: String
    /// Hexadecimal, bytes parted by colons.
    public var serial: String
    public var notBefore: Timestamp
    public var notAfter: Timestamp
    /// As ACM names it, such as `RSA-2048`.
    public var keyAlgorithm: String
    /// Likewise, such as `SHA256WITHRSA`.
    public var signatureAlgorithm: String

    public init(
        domain: String, alternativeNames: [String], subject: String, issuer: String, serial: String,
        notBefore: Timestamp, notAfter: Timestamp, keyAlgorithm: String, signatureAlgorithm: String
    ) {
        self.domain = domain
        self.alternativeNames = alternativeNames
        self.subject = subject
        self.issuer = issuer
        self.serial = serial
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.keyAlgorithm = keyAlgorithm
        self.signatureAlgorithm = signatureAlgorithm
    }
}

/// A stored server certificate that was imported. Written by the API front alone.
public struct CertificateRecord: Hashable, Codable, Sendable {
    public var id: CertificateID
    /// PEM, one certificate.
    public var certificate: String
    /// PEM, the certificates between it and a root; nil when there are none.
    public var chain: String?
    /// PEM, not encrypted.
    public var privateKey: SecretText
    public var facts: CertificateFacts
    public var tags: [KeyValue] = []
    public var importedAt: Timestamp
    public var createdAt: Timestamp

    public init(
        id: CertificateID, certificate: String, chain: String?, privateKey: SecretText, facts: CertificateFacts,
        createdAt: Timestamp
    ) {
        self.id = id
        self.certificate = certificate
        self.chain = chain
        self.privateKey = privateKey
        self.facts = facts
        importedAt = createdAt
        self.createdAt = createdAt
    }
}
