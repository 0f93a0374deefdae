/// What versions and ciphers of TLS a listener takes, under the name that AWS gave the choice.
public struct SSLPolicy: Hashable, Sendable {
    public var name: String
    /// Such as `TLSv1.2`.
    public var protocols: [String]
    /// By OpenSSL's names, the first being liked best.
    public var ciphers: [String]

    /// Of a listener for which the caller names none.
    public static let standard = "ELBSecurityPolicy-2016-08"

    /// - Returns: nil for a name that is not known.
    public static func named(_ name: String) -> SSLPolicy? { all.first { $0.name == name } }

    /// - Source: Elastic Load Balancing User Guides, Security policies
    public static let all: [SSLPolicy] = [
        SSLPolicy("ELBSecurityPolicy-TLS13-1-3-2021-06", [v13], tls13),
        SSLPolicy("ELBSecurityPolicy-TLS13-1-2-Res-2021-06", [v13, v12], tls13 + gcm),
        SSLPolicy("ELBSecurityPolicy-TLS13-1-2-2021-06", [v13, v12], tls13 + forward),
        SSLPolicy("ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06", [v13, v12], tls13 + forward + rsa12),
        SSLPolicy("ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06", [v13, v12], tls13 + forwardOld + rsa12 + rsaOld),
        SSLPolicy("ELBSecurityPolicy-TLS13-1-1-2021-06", [v13, v12, v11], tls13 + forwardOld + rsa12 + rsaOld),
        SSLPolicy("ELBSecurityPolicy-TLS13-1-0-2021-06", [v13, v12, v11, v10], tls13 + forwardOld + rsa12 + rsaOld),
        SSLPolicy("ELBSecurityPolicy-2016-08", [v12, v11, v10], forwardOld + rsa12 + rsaOld),
        SSLPolicy("ELBSecurityPolicy-TLS-1-2-2017-01", [v12], forward + rsa12),
        SSLPolicy("ELBSecurityPolicy-TLS-1-1-2017-01", [v12, v11], forwardOld + rsa12 + rsaOld),
        SSLPolicy("ELBSecurityPolicy-TLS-1-2-Ext-2018-06", [v12], forwardOld + rsa12 + rsaOld),
        SSLPolicy("ELBSecurityPolicy-FS-2018-06", [v12, v11, v10], forwardOld),
        SSLPolicy("ELBSecurityPolicy-FS-1-1-2019-08", [v12, v11], forwardOld),
        SSLPolicy("ELBSecurityPolicy-FS-1-2-2019-08", [v12], forwardOld),
        SSLPolicy("ELBSecurityPolicy-FS-1-2-Res-2019-08", [v12], forward),
        SSLPolicy("ELBSecurityPolicy-FS-1-2-Res-2020-10", [v12], gcm),
        SSLPolicy("ELBSecurityPolicy-2015-05", [v12, v11, v10], forwardOld + rsa12 + rsaOld),
    ]

    private init(_ name: String, _ protocols: [String], _ ciphers: [String]) {
        self.name = name
        self.protocols = protocols
        self.ciphers = ciphers
    }

    private static let (v13, v12, v11, v10) = ("TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1")
    private static let tls13 = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]
    private static let gcm = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384",
    ]
    /// With forward secrecy, of TLS 1.2.
    private static let forward = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA256",
        "ECDHE-RSA-AES128-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA384",
    ]
    /// With forward secrecy, those of older versions among them.
    private static let forwardOld = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA256",
        "ECDHE-RSA-AES128-SHA256", "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA",
        "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES256-SHA384",
        "ECDHE-RSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA", "ECDHE-ECDSA-AES256-SHA",
    ]
    private static let rsa12 = ["AES128-GCM-SHA256", "AES128-SHA256", "AES256-GCM-SHA384", "AES256-SHA256"]
    private static let rsaOld = ["AES128-SHA", "AES256-SHA"]
}
