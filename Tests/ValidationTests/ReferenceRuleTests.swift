import Domain
import JSONBytes
import Testing

@testable import Validation

@Suite("Rules of what a definition refers to")
struct ReferenceRuleTests {
    private static let secret = #"{"name":"S","valueFrom":"arn:aws:ssm:us-east-1:1:parameter/p"}"#
    private static let proxy =
        #"{"name":"ProxyIngressPort","value":"1"},{"name":"ProxyEgressPort","value":"2"},{"name":"AppPorts","value":"3"},{"name":"EgressIgnoredIPs","value":"1.1.1.1"}"#

    private static func proxied(_ container: String, _ properties: String, mode: String = "awsvpc") -> String {
        Registration.one(
            "",
            task:
                #""networkMode":"\#(mode)","proxyConfiguration":{"containerName":"\#(container)","properties":[\#(properties)]}"#
        )
    }

    static let refusals = [
        Refused(
            "awslogs without options", Registration.one(#""logConfiguration":{"logDriver":"awslogs"}"#),
            "Log driver awslogs requires options: awslogs-region, awslogs-group"),
        Refused(
            "awslogs without group",
            Registration.one(#""logConfiguration":{"logDriver":"awslogs","options":{"awslogs-region":"r"}}"#),
            "Log driver awslogs requires options: awslogs-group"),
        Refused(
            "splunk without options", Registration.one(#""logConfiguration":{"logDriver":"splunk"}"#),
            "Log driver splunk requires options: splunk-url, splunk-token"),
        Refused(
            "a group made perhaps",
            Registration.one(
                #""logConfiguration":{"logDriver":"awslogs","options":{"awslogs-region":"r","awslogs-group":"g","awslogs-create-group":"maybe"}}"#
            ), "Invalid 'awslogs-create-group' log option for container 'a': 'maybe'. Valid values are [true, false]."),
        Refused(
            "an unknown mode",
            Registration.one(#""logConfiguration":{"logDriver":"json-file","options":{"mode":"slow"}}"#),
            "Invalid 'mode' log option for container 'a': 'slow'. Valid values are [blocking, non-blocking]."),
        Refused(
            "two ways to end a message",
            Registration.one(
                #""logConfiguration":{"logDriver":"awslogs","options":{"awslogs-region":"r","awslogs-group":"g","awslogs-datetime-format":"a","awslogs-multiline-pattern":"b"}}"#
            ),
            "Invalid log options for container 'a': awslogs-datetime-format and awslogs-multiline-pattern cannot be used together."
        ),
        Refused(
            "awsfirelens without router", Registration.one(#""logConfiguration":{"logDriver":"awsfirelens"}"#),
            "Invalid 'logConfiguration' setting for container 'a': log driver awsfirelens requires a container with a firelensConfiguration."
        ),
        Refused(
            "two routers",
            Registration.containers(
                Registration.container(#""firelensConfiguration":{"type":"fluentd"}"#),
                Registration.container(#""firelensConfiguration":{"type":"fluentd"}"#, name: "b")),
            "Invalid 'firelensConfiguration' setting: one container may have it, got a, b."),
        Refused(
            "a router's unknown option",
            Registration.one(#""firelensConfiguration":{"type":"fluentd","options":{"x":"y"}}"#),
            "Invalid 'firelensConfiguration' setting for container 'a': option 'x' may not be 'y'."),
        Refused(
            "a router's unknown file type",
            Registration.one(
                #""firelensConfiguration":{"type":"fluentd","options":{"config-file-type":"ftp","config-file-value":"a"}}"#
            ), "Invalid 'firelensConfiguration' setting for container 'a': option 'config-file-type' may not be 'ftp'."),
        Refused(
            "a router's file that is no ARN",
            Registration.one(
                #""firelensConfiguration":{"type":"fluentd","options":{"config-file-type":"s3","config-file-value":"a"}}"#
            ), "Invalid arn syntax. Got 'a'."),
        Refused(
            "secrets without execution role", Registration.one(#""secrets":[\#(secret)]"#),
            "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."),
        Refused(
            "a secret without source", Registration.one(#""secrets":[{"name":"S"}]"#, task: #""executionRoleArn":"r""#),
            "Invalid 'secrets' setting for container 'a': name and valueFrom are needed."),
        Refused(
            "a secret of another service",
            Registration.one(
                #""secrets":[{"name":"S","valueFrom":"arn:aws:s3:::b/s"}]"#, task: #""executionRoleArn":"r""#),
            "Invalid arn syntax. Got 'arn:aws:s3:::b/s'."),
        Refused(
            "a secret beside a variable",
            Registration.one(
                #""environment":[{"name":"S","value":"x"}],"secrets":[\#(secret)]"#, task: #""executionRoleArn":"r""#),
            "The secret name must be unique and not shared with any new or existing environment variables set on the container, such as 'S'."
        ),
        Refused(
            "a secret twice", Registration.one(#""secrets":[\#(secret),\#(secret)]"#, task: #""executionRoleArn":"r""#),
            "The secret name must be unique and not shared with any new or existing environment variables set on the container, such as 'S'."
        ),
        Refused(
            "credentials that are no ARN", Registration.one(#""repositoryCredentials":{"credentialsParameter":"x"}"#),
            "Invalid arn syntax. Got 'x'."),
        Refused(
            "a file that is no ARN", Registration.one(#""environmentFiles":[{"type":"s3","value":"x.env"}]"#),
            "Invalid arn syntax. Got 'x.env'."),
        Refused(
            "a file of another name",
            Registration.one(#""environmentFiles":[{"type":"s3","value":"arn:aws:s3:::b/x"}]"#),
            "Invalid 'environmentFiles' setting for container 'a': 'arn:aws:s3:::b/x' does not end in .env."),
        Refused(
            "eleven files",
            Registration.one(
                #""environmentFiles":[\#(Array(repeating: #"{"type":"s3","value":"arn:aws:s3:::b/x.env"}"#, count: 11).joined(separator: ","))]"#
            ),
            "The maximum number of environment files was exceeded. Specify ten or less and try again: container 'a', 11 files."
        ),
        Refused(
            "two credential specs",
            Registration.one(
                #""credentialSpecs":["credentialspec:arn:aws:s3:::b/f","credentialspec:arn:aws:s3:::b/g"]"#),
            "Invalid 'credentialSpecs' setting for container 'a': 2; one is allowed."),
        Refused(
            "a credential spec without prefix", Registration.one(#""credentialSpecs":["arn:aws:s3:::b/f"]"#),
            "Invalid 'credentialSpecs' setting for container 'a': 'arn:aws:s3:::b/f'."),
        Refused(
            "no GPU at all", Registration.one(#""resourceRequirements":[{"type":"GPU","value":"0"}]"#),
            "Invalid 'resourceRequirements' setting for container 'a': GPU '0'. A number of GPU above 0 is needed."),
        Refused(
            "a proxy on a bridge", proxied("a", proxy, mode: "bridge"),
            "APPMESH proxy configuration is only supported in networkMode=awsvpc."),
        Refused("a proxy that is not there", proxied("p", proxy), "Proxy container [p] does not exist."),
        Refused(
            "a proxy without ingress", proxied("a", ""),
            "Ingress port not found: 'proxyConfiguration.properties' needs ProxyIngressPort."),
        Refused(
            "a proxy that ignores nobody", proxied("a", proxy),
            "Ignored UID or GID not found: 'proxyConfiguration.properties' needs IgnoredUID or IgnoredGID."),
    ]

    @Test("refuses, naming what is wrong:", arguments: refusals)
    func refuses(row: Refused) throws { try row.verify() }

    /// For each setting on the list: a registration that AWS takes, and the place named.
    static let settings: [(path: String, request: String, place: String)] = [
        (
            "requiresCompatibilities[]",
            Registration.one("", task: #""requiresCompatibilities":["EC2","MANAGED_INSTANCES"]"#),
            "requiresCompatibilities[1]"
        ),
        (
            "runtimePlatform.operatingSystemFamily",
            Registration.one("", task: #""runtimePlatform":{"operatingSystemFamily":"WINDOWS_SERVER_2022_CORE"}"#),
            "runtimePlatform.operatingSystemFamily"
        ),
        ("proxyConfiguration", proxied("a", proxy + #",{"name":"IgnoredUID","value":"1"}"#), "proxyConfiguration"),
        ("enableFaultInjection", Registration.one("", task: #""enableFaultInjection":true"#), "enableFaultInjection"),
        (
            "volumes[].dockerVolumeConfiguration.driver",
            Registration.one("", task: #""volumes":[{"name":"v","dockerVolumeConfiguration":{"driver":"rexray"}}]"#),
            "volumes[0].dockerVolumeConfiguration.driver"
        ),
        (
            "volumes[].dockerVolumeConfiguration.driverOpts",
            Registration.one(
                "", task: #""volumes":[{"name":"v","dockerVolumeConfiguration":{"driverOpts":{"a":"b"}}}]"#),
            "volumes[0].dockerVolumeConfiguration.driverOpts"
        ),
        (
            "volumes[].efsVolumeConfiguration",
            Registration.one(
                "", task: #""volumes":[{"name":"w"},{"name":"v","efsVolumeConfiguration":{"fileSystemId":"fs-1"}}]"#),
            "volumes[1].efsVolumeConfiguration"
        ),
        (
            "volumes[].s3filesVolumeConfiguration",
            Registration.one(
                "",
                task:
                    #""volumes":[{"name":"v","s3filesVolumeConfiguration":{"fileSystemArn":"arn:aws:s3files:us-east-1:1:file-system/f"}}]"#
            ), "volumes[0].s3filesVolumeConfiguration"
        ),
        (
            "volumes[].fsxWindowsFileServerVolumeConfiguration",
            Registration.one(
                "",
                task:
                    #""volumes":[{"name":"v","fsxWindowsFileServerVolumeConfiguration":{"fileSystemId":"fs-1","rootDirectory":"a","authorizationConfig":{"credentialsParameter":"arn:aws:ssm:us-east-1:1:parameter/p","domain":"d"}}}]"#
            ), "volumes[0].fsxWindowsFileServerVolumeConfiguration"
        ),
        (
            "volumes[].configuredAtLaunch",
            Registration.one(
                #""mountPoints":[{"sourceVolume":"v","containerPath":"/v"}]"#,
                task: #""volumes":[{"name":"v","configuredAtLaunch":true}]"#), "volumes[0].configuredAtLaunch"
        ),
        (
            "containerDefinitions[].repositoryCredentials",
            Registration.one(
                #""repositoryCredentials":{"credentialsParameter":"arn:aws:secretsmanager:us-east-1:1:secret:s"}"#),
            "containerDefinitions[0].repositoryCredentials"
        ),
        (
            "containerDefinitions[].secrets",
            Registration.one(#""secrets":[\#(secret)]"#, task: #""executionRoleArn":"r""#),
            "containerDefinitions[0].secrets"
        ),
        (
            "containerDefinitions[].environmentFiles",
            Registration.one(#""environmentFiles":[{"type":"s3","value":"arn:aws:s3:::b/x.env"}]"#),
            "containerDefinitions[0].environmentFiles"
        ),
        (
            "containerDefinitions[].resourceRequirements",
            Registration.one(#""resourceRequirements":[{"type":"GPU","value":"1"}]"#),
            "containerDefinitions[0].resourceRequirements"
        ),
        (
            "containerDefinitions[].firelensConfiguration",
            Registration.one(#""firelensConfiguration":{"type":"fluentd"}"#),
            "containerDefinitions[0].firelensConfiguration"
        ),
        (
            "containerDefinitions[].credentialSpecs",
            Registration.one(#""credentialSpecs":["credentialspec:arn:aws:s3:::b/f"]"#),
            "containerDefinitions[0].credentialSpecs"
        ),
        (
            "containerDefinitions[].dockerSecurityOptions[]",
            Registration.one(#""dockerSecurityOptions":["no-new-privileges","apparmor:p"]"#),
            "containerDefinitions[0].dockerSecurityOptions[1]"
        ),
        (
            "containerDefinitions[].logConfiguration.logDriver",
            Registration.one(#""logConfiguration":{"logDriver":"syslog"}"#),
            "containerDefinitions[0].logConfiguration.logDriver"
        ),
        (
            "containerDefinitions[].logConfiguration.secretOptions",
            Registration.one(#""logConfiguration":{"logDriver":"json-file","secretOptions":[\#(secret)]}"#),
            "containerDefinitions[0].logConfiguration.secretOptions"
        ),
    ]

    @Test("names what AWS takes and Berth does not, with the reason", arguments: settings)
    func unsupported(path: String, request: String, place: String) throws {
        let setting = try #require(UnsupportedSettings.all.first { $0.path.text == path })
        try Refused(path, request, "\(place) is not supported: \(setting.reason).").verify(.unsupported)
    }

    @Test("has a case for everything on the closed list")
    func complete() {
        #expect(Set(Self.settings.map(\.path)) == Set(UnsupportedSettings.all.map(\.path.text)))
    }

    @Test("lets AWS's rules speak before its own")
    func order() throws {
        let both = Registration.one(#""secrets":[\#(Self.secret)],"stopTimeout":-1"#)
        try Refused("both", both, "Invalid 'stopTimeout' setting for container 'a': -1. It must be between 0 and 3600.")
            .verify()
    }
}

@Suite("The path of a setting")
struct SettingPathTests {
    @Test("finds the first use, and nothing where nothing is asked for")
    func finds() throws {
        let request: JSONValue = ["a": [["b": .null], ["b": [:]], ["b": false], ["b": "x"]], "c": ["d": 1]]
        #expect(SettingPath("a[].b").firstUse(in: request) == "a[2].b")
        #expect(SettingPath("a[].b").firstUse(in: request, harmless: [false]) == "a[3].b")
        #expect(SettingPath("a[].b").firstUse(in: request, harmless: [false, "x"]) == nil)
        #expect(SettingPath("c.d").firstUse(in: request) == "c.d")
        #expect(SettingPath("c.e").firstUse(in: request) == nil)
        #expect(SettingPath("c[].d").firstUse(in: request) == nil)
        #expect(SettingPath("a[]").firstUse(in: ["a": ["x", "y"]], harmless: ["x"]) == "a[1]")
    }
}
