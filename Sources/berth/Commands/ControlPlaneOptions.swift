import ArgumentParser

/// What `berth up` and `berth server` have in common.
struct ControlPlaneOptions: ParsableArguments {
    @Option(help: "Address to listen on. Beyond loopback, TLS is required.")
    var host = "127.0.0.1"

    @Option(help: "Port to listen on.")
    var port = 4566

    @Option(name: .customLong("tls-certificate"), help: "PEM file with the certificate chain.")
    var certificate: String?

    @Option(name: .customLong("tls-key"), help: "PEM file with the certificate's key.")
    var key: String?

    @Option(
        name: .customLong("tls-authority"),
        help: "PEM file that clients shall trust; the certificate itself by default.")
    var authority: String?

    @Option(
        name: .customLong("advertise"),
        help: "Host name or address that clients and agents use, when it is not the one listened on.")
    var advertised: String?

    @Option(
        name: .customLong("task-cidr"),
        help: "Range of task addresses; every host gets a /24 of it. Fixed at the first start.")
    var taskRange: String?

    @Option(help: "Region in ARNs and signatures. Fixed at the first start.")
    var region: String?

    @Option(
        name: .customLong("lost-after"),
        help: "Seconds of silence after which a managed host's tasks are replaced; 3 at least.")
    var lostAfter = 60

    @Option(
        name: .customLong("own-lost-after"),
        help: "The same for container instances. Without it they wait for their host, as on ECS; 3 at least.")
    var ownLostAfter: Int?

    static let standardTaskRange = "10.99.0.0/16"
    static let standardRegion = "us-east-1"

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be 0 to 65535, got \(port).") }
        guard lostAfter >= 3 else { throw ValidationError("--lost-after must be 3 seconds or more, got \(lostAfter).") }
        if let ownLostAfter, ownLostAfter < 3 {
            throw ValidationError("--own-lost-after must be 3 seconds or more, got \(ownLostAfter).")
        }
        guard (certificate == nil) == (key == nil) else {
            throw ValidationError("--tls-certificate and --tls-key go together.")
        }
    }
}
