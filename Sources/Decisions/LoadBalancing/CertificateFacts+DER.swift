public import Domain
import Identifiers

extension CertificateFacts {
    /// Reads a certificate.
    ///
    /// - Returns: nil for what is no certificate of X.509, or has no name and no key that is known here.
    /// - Source: RFC 5280, 4.1
    public init?(der: [UInt8]) {
        var reader = DERReader(der[...])
        guard let whole = reader.next(), whole.tag == DERValue.sequence, reader.isAtEnd,
            let parts = whole.values, parts.count == 3, var signed = parts[0].values
        else { return nil }
        if signed.first?.tag == 0xa0 { signed.removeFirst() }
        guard signed.count >= 6, signed[0].tag == DERValue.integer, let validity = signed[3].values,
            validity.count == 2, let start = Self.time(validity[0]), let end = Self.time(validity[1]),
            let key = Self.keyAlgorithm(signed[5]), let issuer = Self.name(signed[2]),
            let subject = Self.name(signed[4])
        else { return nil }
        var names = signed.dropFirst(6).first { $0.tag == 0xa3 }.flatMap(Self.alternativeNames) ?? []
        guard let domain = subject.common ?? names.first else { return nil }
        if !names.contains(domain) { names.insert(domain, at: 0) }
        self.init(
            domain: domain, alternativeNames: names, subject: subject.text, issuer: issuer.text,
            serial: signed[0].content.map(Self.hex).joined(separator: ":"), notBefore: start, notAfter: end,
            keyAlgorithm: key, signatureAlgorithm: Self.signatureAlgorithm(parts[1]))
    }

    private static func hex(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

    /// Attributes of names by the last byte of their object identifiers, which begin with 2.5.4.
    private static let attributes: [UInt8: String] = [
        3: "CN", 5: "SERIALNUMBER", 6: "C", 7: "L", 8: "ST", 9: "STREET", 10: "O", 11: "OU",
    ]

    /// A distinguished name as text, with its last common name.
    private static func name(_ value: DERValue) -> (text: String, common: String?)? {
        guard let sets = value.values else { return nil }
        var texts: [String] = []
        var common: String?
        for pair in sets.flatMap({ $0.values ?? [] }) {
            guard let parts = pair.values, parts.count == 2, parts[0].tag == DERValue.object else { return nil }
            let identifier = Array(parts[0].content)
            guard identifier.count == 3, identifier[0] == 0x55, identifier[1] == 4,
                let word = attributes[identifier[2]]
            else { continue }
            let text = String(decoding: parts[1].content, as: UTF8.self)
            texts.append("\(word)=\(text)")
            if word == "CN" { common = text }
        }
        return (texts.joined(separator: ","), common)
    }

    /// The DNS names of the extension for alternative names.
    private static func alternativeNames(_ extensions: DERValue) -> [String]? {
        guard let list = extensions.values?.first?.values else { return nil }
        for each in list {
            guard let parts = each.values, parts.first.map({ Array($0.content) }) == [0x55, 0x1d, 0x11],
                let octets = parts.last, octets.tag == DERValue.octets
            else { continue }
            var reader = DERReader(octets.content)
            return reader.next()?.values?.filter { $0.tag == 0x82 }.map { String(decoding: $0.content, as: UTF8.self) }
        }
        return nil
    }

    /// As ACM names what a public key is for.
    private static func keyAlgorithm(_ value: DERValue) -> String? {
        guard let parts = value.values, parts.count == 2, let algorithm = parts[0].values,
            let identifier = algorithm.first.map({ Array($0.content) })
        else { return nil }
        switch identifier {
        case [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]:
            // The first byte of a bit string says how many bits of its last one are none of it.
            var reader = DERReader(parts[1].content.dropFirst())
            guard let modulus = reader.next()?.values?.first?.content.drop(while: { $0 == 0 }),
                let first = modulus.first
            else { return nil }
            return "RSA-\(modulus.count * 8 - first.leadingZeroBitCount)"
        case [0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1]:
            switch algorithm.dropFirst().first.map({ Array($0.content) }) {
            case [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]: return "EC_prime256v1"
            case [0x2b, 0x81, 4, 0, 0x22]: return "EC_secp384r1"
            case [0x2b, 0x81, 4, 0, 0x23]: return "EC_secp521r1"
            default: return nil
            }
        default: return nil
        }
    }

    private static func signatureAlgorithm(_ value: DERValue) -> String {
        let rsa: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1]
        let ecdsa: [UInt8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3]
        let known: [[UInt8]: String] = [
            rsa + [5]: "SHA1WITHRSA", rsa + [11]: "SHA256WITHRSA", rsa + [12]: "SHA384WITHRSA",
            rsa + [13]: "SHA512WITHRSA", ecdsa + [2]: "SHA256WITHECDSA", ecdsa + [3]: "SHA384WITHECDSA",
            ecdsa + [4]: "SHA512WITHECDSA",
        ]
        return value.values?.first.flatMap { known[Array($0.content)] } ?? "UNKNOWN"
    }

    /// A time of the form YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ.
    private static func time(_ value: DERValue) -> Timestamp? {
        var digits = Array(value.content)
        guard digits.popLast() == UInt8(ascii: "Z"), digits.allSatisfy(ASCII.isDigit) else { return nil }
        var numbers = digits.map { Int64($0) - 48 }
        switch (value.tag, numbers.count) {
        case (DERValue.utcTime, 12): numbers = ((numbers[0] < 5 ? [2, 0] : [1, 9]) as [Int64]) + numbers
        case (DERValue.generalizedTime, 14): break
        default: return nil
        }
        func number(_ start: Int, _ count: Int) -> Int64 { numbers[start..<start + count].reduce(0) { $0 * 10 + $1 } }
        let (year, month, day) = (number(0, 4), number(4, 2), number(6, 2))
        guard (1...12).contains(month), (1...31).contains(day) else { return nil }
        // Days since 1970 of a civil day, years beginning in March.
        let shifted = month > 2 ? year : year - 1
        let era = shifted / 400
        let ofEra = shifted - era * 400
        let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
        let seconds = days * 86_400 + number(8, 2) * 3600 + number(10, 2) * 60 + number(12, 2)
        return Timestamp(milliseconds: seconds * 1000)
    }
}
