/// Announces network interfaces of one task.
public struct AttachTaskNetworkInterfacesMessage: WireMessage {
    public static let type = "AttachTaskNetworkInterfacesMessage"
    public var clusterArn: String?
    public var containerInstanceArn: String?
    public var taskArn: String?
    public var taskClusterArn: String?
    public var messageId = ""
    /// Milliseconds since 1970.
    public var generatedAt: Int64?
    public var waitTimeoutMs: Int64?
    public var elasticNetworkInterfaces: [ElasticNetworkInterface] = []

    public init() {}

    public static let members: [Member<AttachTaskNetworkInterfacesMessage>] = [
        .optional("clusterArn", \.clusterArn),
        .optional("containerInstanceArn", \.containerInstanceArn),
        .optional("taskArn", \.taskArn),
        .optional("taskClusterArn", \.taskClusterArn),
        .always("messageId", \.messageId),
        .optional("generatedAt", \.generatedAt),
        .optional("waitTimeoutMs", \.waitTimeoutMs),
        .always("elasticNetworkInterfaces", \.elasticNetworkInterfaces),
    ]
}

/// Announces network interfaces of the host itself.
public struct AttachInstanceNetworkInterfacesMessage: WireMessage {
    public static let type = "AttachInstanceNetworkInterfacesMessage"
    public var clusterArn: String?
    public var containerInstanceArn: String?
    public var messageId = ""
    /// Milliseconds since 1970.
    public var generatedAt: Int64?
    public var waitTimeoutMs: Int64?
    public var elasticNetworkInterfaces: [ElasticNetworkInterface] = []

    public init() {}

    public static let members: [Member<AttachInstanceNetworkInterfacesMessage>] = [
        .optional("clusterArn", \.clusterArn),
        .optional("containerInstanceArn", \.containerInstanceArn),
        .always("messageId", \.messageId),
        .optional("generatedAt", \.generatedAt),
        .optional("waitTimeoutMs", \.waitTimeoutMs),
        .always("elasticNetworkInterfaces", \.elasticNetworkInterfaces),
    ]
}

/// A network interface for a task.
public struct ElasticNetworkInterface: WireShape {
    public var ec2Id: String?
    public var attachmentArn: String?
    public var macAddress: String?
    public var name: String?
    public var ipv4Addresses: [IPv4Assignment] = []
    /// With its prefix length: a.b.c.d/n.
    public var subnetGatewayIpv4Address: String?
    public var privateDnsName: String?
    public var domainName: [String]?
    public var domainNameServers: [String]?

    public init() {}

    public static let members: [Member<ElasticNetworkInterface>] = [
        .optional("ec2Id", \.ec2Id),
        .optional("attachmentArn", \.attachmentArn),
        .optional("macAddress", \.macAddress),
        .optional("name", \.name),
        .always("ipv4Addresses", \.ipv4Addresses),
        .optional("subnetGatewayIpv4Address", \.subnetGatewayIpv4Address),
        .optional("privateDnsName", \.privateDnsName),
        .optional("domainName", \.domainName),
        .optional("domainNameServers", \.domainNameServers),
    ]
}

/// An address of an interface.
public struct IPv4Assignment: WireShape {
    public var privateAddress: String?
    public var primary: Bool?

    public init() {}

    public static let members: [Member<IPv4Assignment>] = [
        .optional("privateAddress", \.privateAddress),
        .optional("primary", \.primary),
    ]
}

/// Announces an attachment that is no network interface.
public struct ConfirmAttachmentMessage: WireMessage {
    public static let type = "ConfirmAttachmentMessage"
    public var clusterArn: String?
    public var containerInstanceArn: String?
    public var taskArn: String?
    public var taskClusterArn: String?
    public var messageId = ""
    /// Milliseconds since 1970.
    public var generatedAt: Int64?
    public var waitTimeoutMs: Int64?
    public var attachment: PayloadAttachment?

    public init() {}

    public static let members: [Member<ConfirmAttachmentMessage>] = [
        .optional("clusterArn", \.clusterArn),
        .optional("containerInstanceArn", \.containerInstanceArn),
        .optional("taskArn", \.taskArn),
        .optional("taskClusterArn", \.taskClusterArn),
        .always("messageId", \.messageId),
        .optional("generatedAt", \.generatedAt),
        .optional("waitTimeoutMs", \.waitTimeoutMs),
        .optional("attachment", \.attachment),
    ]
}

/// Something attached to a task or host.
public struct PayloadAttachment: WireShape {
    public var attachmentArn: String?
    public var attachmentType: String?
    public var attachmentProperties: [AttachmentProperty] = []

    public init() {}

    public static let members: [Member<PayloadAttachment>] = [
        .optional("attachmentArn", \.attachmentArn),
        .optional("attachmentType", \.attachmentType),
        .list("attachmentProperties", \.attachmentProperties),
    ]
}

/// A property of an attachment.
public struct AttachmentProperty: WireShape {
    public var name: String?
    public var value: String?

    public init() {}

    public static let members: [Member<AttachmentProperty>] = [
        .optional("name", \.name),
        .optional("value", \.value),
    ]
}
