import ArgumentParser
import Foundation
import JSONBytes
import Metering

struct Cost: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare what services cost on Fargate, on EC2 and here.",
        discussion: """
            Every service, daemon and family of standalone tasks is shown with what its tasks used, counted from the start \
            of the pull to the stop and a minute at least, and with three prices of the same work:

              FARGATE  as tasks of the smallest Fargate size that holds each, Linux, at
                       its processor's price; less Spot's discount where it ran as
                       FARGATE_SPOT
              EC2      on the list's cheapest instance type of its processor, by the
                       larger of its shares of vCPUs and memory, as if every instance
                       were full all the time: the least that it could cost
              HERE     its share of the hosts it ran on, at the price of a host's hour;
                       0 unless the price list says otherwise

            Hosts follow with their hours, silent or not, from registration to deregistration. Time is counted in whole hours, \
            UTC; of hours older than 35 days only whole days are kept, of days the last 400.

            Prices are AWS's published ones for us-east-1 unless --prices names a JSON file. Members that it leaves out are \
            as published; 'berth cost --default-prices' prints them as such a file. Spot's discount there is an assumption, for it \
            varies. Neither traffic nor public addresses, logs, load balancers and EBS volumes are counted.
            """)

    @OptionGroup var installation: InstallationOptions

    @Option(
        help: ArgumentHelp(
            "From when on: a time in UTC such as 2026-01-31 or 2026-01-31T15, or how long ago, such as 24h or 7d.",
            valueName: "time"))
    var since = PointInTime(.ago(30 * 86_400))

    @Option(help: ArgumentHelp("Up to when, likewise; now by default.", valueName: "time"))
    var until: PointInTime?

    @Option(help: ArgumentHelp("JSON file with prices.", valueName: "file"))
    var prices: String?

    @Flag(help: "Also show each task that is still known.")
    var tasks = false

    @Flag(help: "Print usage and costs as JSON.")
    var json = false

    @Flag(name: .customLong("default-prices"), help: "Print the prices that hold without --prices, and end.")
    var defaultPrices = false

    func run() async throws {
        if defaultPrices {
            print(PriceFile(.standard).text)
            return
        }
        let list = try prices.map { try PriceFile.read($0) } ?? .standard
        let now = Date().timeIntervalSince1970
        var request: [String: JSONValue] = [
            "since": .number(since.seconds(now: now)), "tasks": .boolean(tasks),
        ]
        request["until"] = until.map { .number($0.seconds(now: now)) }
        let asked = JSONValue.object(request)
        let answer = try await ControlPlaneClient.with(try ClientFile.read(installation.files)) { client in
            try await client.berth("Usage", asked)
        }
        let report = try CostReport(answer, at: list)
        if json {
            print(String(decoding: report.json.jsonBytes(), as: UTF8.self))
        } else {
            for line in report.lines { print(line) }
        }
    }
}
