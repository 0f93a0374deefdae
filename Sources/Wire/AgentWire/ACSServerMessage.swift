/// What the control plane says over ACS.
public enum ACSServerMessage: Hashable, Sendable {
    case heartbeat(HeartbeatMessage)
    case payload(PayloadMessage)
    case credentials(IAMRoleCredentialsMessage)
    case manifest(TaskManifestMessage)
    case stopVerificationAck(TaskStopVerificationAck)
    case attachTaskInterfaces(AttachTaskNetworkInterfacesMessage)
    case attachInstanceInterfaces(AttachInstanceNetworkInterfacesMessage)
    case confirmAttachment(ConfirmAttachmentMessage)
    case stageUpdate(StageUpdateMessage)
    case performUpdate(PerformUpdateMessage)
    case close(CloseMessage)
    case error(ErrorMessage)
    /// A type that this version does not know; to be ignored.
    case unknown(type: String)

    /// Reads one text frame.
    public init(frame text: String) throws(FrameError) {
        let envelope = try Envelope(Array(text.utf8))
        switch envelope.type {
        case HeartbeatMessage.type: self = .heartbeat(try envelope.read())
        case PayloadMessage.type: self = .payload(try envelope.read())
        case IAMRoleCredentialsMessage.type: self = .credentials(try envelope.read())
        case TaskManifestMessage.type: self = .manifest(try envelope.read())
        case TaskStopVerificationAck.type: self = .stopVerificationAck(try envelope.read())
        case AttachTaskNetworkInterfacesMessage.type: self = .attachTaskInterfaces(try envelope.read())
        case AttachInstanceNetworkInterfacesMessage.type: self = .attachInstanceInterfaces(try envelope.read())
        case ConfirmAttachmentMessage.type: self = .confirmAttachment(try envelope.read())
        case StageUpdateMessage.type: self = .stageUpdate(try envelope.read())
        case PerformUpdateMessage.type: self = .performUpdate(try envelope.read())
        case CloseMessage.type: self = .close(try envelope.read())
        case ErrorMessage.type: self = .error(try envelope.read())
        default: self = .unknown(type: envelope.type)
        }
    }

    /// The text frame; nil for a message of an unknown type.
    public var frame: String? {
        switch self {
        case .heartbeat(let message): message.frame()
        case .payload(let message): message.frame()
        case .credentials(let message): message.frame()
        case .manifest(let message): message.frame()
        case .stopVerificationAck(let message): message.frame()
        case .attachTaskInterfaces(let message): message.frame()
        case .attachInstanceInterfaces(let message): message.frame()
        case .confirmAttachment(let message): message.frame()
        case .stageUpdate(let message): message.frame()
        case .performUpdate(let message): message.frame()
        case .close(let message): message.frame()
        case .error(let message): message.frame()
        case .unknown: nil
        }
    }
}
