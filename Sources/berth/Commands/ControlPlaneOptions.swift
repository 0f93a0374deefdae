import ArgumentParser
import Controllers
import LoadBalancing

/// What `berth up` and `berth server` have in common.
struct ControlPlaneOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Address to listen on. Beyond loopback, TLS is required.", valueName: "address"))
    var host = "127.0.0.1"

    @Option(help: "Port to listen on.")
    var port = 4566

    @Option(
        name: .customLong("tls-certificate"),
        help: ArgumentHelp("PEM file with the certificate chain.", valueName: "file"))
    var certificate: String?

    @Option(name: .customLong("tls-key"), help: ArgumentHelp("PEM file with the certificate's key.", valueName: "file"))
    var key: String?

    @Option(
        name: .customLong("tls-authority"),
        help: ArgumentHelp("PEM file that clients shall trust; the certificate itself by default.", valueName: "file"))
    var authority: String?

    @Option(
        name: .customLong("advertise"),
        help: ArgumentHelp(
            "Host name or address that clients and agents use, when it is not the one listened on.", valueName: "name"))
    var advertised: String?

    @Option(
        name: .customLong("task-cidr"),
        help: ArgumentHelp(
            "Range of task addresses; every host gets a /24 of it. Fixed at the first start; \(standardTaskRange) by default.",
            valueName: "range"))
    var taskRange: String?

    @Option(
        name: .customLong("lb-cidr"),
        help: ArgumentHelp(
            "Range of the addresses at which hosts and tasks reach load balancers.", valueName: "range"))
    var loadBalancerRange = standardLoadBalancerRange

    @Option(
        name: .customLong("scaling-period"),
        help: ArgumentHelp(
            """
            Seconds: how long the periods of target tracking's own alarms are, and those of managed capacity providers. A minute, as \
            on AWS, by default; 10, 20 or 30 make scaling quicker. 1 or 5 count for policies of requests, others have 10 then. It \
            counts for policies that are put from then on.
            """, valueName: "seconds"))
    var scalingPeriod = 60

    @Option(help: "Region in ARNs and signatures. Fixed at the first start; \(standardRegion) by default.")
    var region: String?

    @Option(
        name: .customLong("lost-after"),
        help: ArgumentHelp(
            "Seconds of silence after which a managed host's tasks are replaced; 3 at least.", valueName: "seconds"))
    var lostAfter = 60

    @Option(
        name: .customLong("own-lost-after"),
        help: ArgumentHelp(
            "The same for container instances. Without it their tasks wait for the host, as on ECS; 3 at least.",
            valueName: "seconds"))
    var ownLostAfter: Int?

    @Option(
        name: .customLong("on-capacity-needed"),
        help: ArgumentHelp(
            """
            Command, for /bin/sh, that brings hosts while tasks wait for capacity that none gives, and takes away what managed \
            scaling has no need of. It reads what is needed as JSON on standard input: for each cluster and capacity provider (or \
            launch type) the waiting tasks, their CPU units and MiB, CapacityProviderReservation as ECS computes it, and how many \
            hosts there shall be (instancesWanted): where those are fewer than there are (instancesRunning), idleInstances may \
            go. BERTH_DATA_DIR is set. It never runs twice at once; its output goes to capacity-needed.log in the data directory.
            """, valueName: "command"))
    var capacityCommand: String?

    @Option(
        name: .customLong("capacity-interval"),
        help: ArgumentHelp(
            "The least time from one run of that command to the next, such as 30s or 5m.",
            valueName: "time"))
    var capacityInterval = Span(seconds: 30)

    @Option(
        name: .customLong("capacity-timeout"),
        help: ArgumentHelp(
            "Time after which that command is killed, with what it started in its process group.",
            valueName: "time"))
    var capacityTimeout = Span(seconds: 300)

    static let standardLoadBalancerRange = "10.98.0.0/24"
    static let standardTaskRange = "10.99.0.0/16"
    static let standardRegion = "us-east-1"

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be 0 to 65535, got \(port).") }
        guard lostAfter >= 3 else { throw ValidationError("--lost-after must be 3 seconds or more, got \(lostAfter).") }
        if let ownLostAfter, ownLostAfter < 3 {
            throw ValidationError("--own-lost-after must be 3 seconds or more, got \(ownLostAfter).")
        }
        guard (1...86_400).contains(capacityInterval.seconds) else {
            throw ValidationError("--capacity-interval must be 1 to 86400 seconds, got \(capacityInterval.seconds).")
        }
        guard (1...86_400).contains(capacityTimeout.seconds) else {
            throw ValidationError("--capacity-timeout must be 1 to 86400 seconds, got \(capacityTimeout.seconds).")
        }
        guard
            [1, 5, 10, 20, 30].contains(scalingPeriod)
                || scalingPeriod % 60 == 0 && (60...3_600).contains(scalingPeriod)
        else {
            throw ValidationError(
                "--scaling-period must be 1, 5, 10, 20, 30 or a multiple of 60 up to 3600, got \(scalingPeriod).")
        }
        guard AddressPool(loadBalancerRange) != nil else {
            throw ValidationError(
                "--lb-cidr must be a range such as 10.98.0.0/24, of /16 to /30, got \(loadBalancerRange).")
        }
        guard capacityCommand != "" else { throw ValidationError("--on-capacity-needed must name a command.") }
        guard (certificate == nil) == (key == nil) else {
            throw ValidationError("--tls-certificate and --tls-key go together.")
        }
    }
}
