import ArgumentParser

struct Env: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print what a shell needs to talk to Berth.",
        discussion: """
            Use it so:

              eval "$(berth env)"

            It sets endpoint, region and the root key for 'aws', boto3, Terraform and every other AWS client, and unsets \
            what would point them elsewhere.
            """)

    @OptionGroup var installation: InstallationOptions

    func run() throws {
        let file = try ClientFile.read(installation.files)
        var variables = [
            ("AWS_ENDPOINT_URL", file.endpoint), ("AWS_REGION", file.region), ("AWS_DEFAULT_REGION", file.region),
            ("AWS_ACCESS_KEY_ID", file.accessKeyID), ("AWS_SECRET_ACCESS_KEY", file.secretAccessKey),
        ]
        if let authority = file.certificateAuthority { variables.append(("AWS_CA_BUNDLE", authority)) }
        print("unset AWS_PROFILE AWS_SESSION_TOKEN AWS_ENDPOINT_URL_ECS")
        for (name, value) in variables { print("export \(name)=\(Self.quoted(value))") }
    }

    /// Quoted for a POSIX shell.
    static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
