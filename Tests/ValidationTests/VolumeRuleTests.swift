import Domain
import Testing

@testable import Validation

@Suite("Rules of volumes")
struct VolumeRuleTests {
    private static func volume(_ name: String, _ members: String, _ message: String) -> Refused {
        Refused(
            name, Registration.one("", task: #""volumes":[{"name":"v"\#(members.isEmpty ? "" : ",")\#(members)}]"#),
            message)
    }

    static let refusals = [
        Refused(
            "no name", Registration.one("", task: #""volumes":[{}]"#),
            "Invalid 'volumes.name' setting: '' should be 1 to 255 letters, digits, hyphens or underscores."),
        Refused(
            "a name twice", Registration.one("", task: #""volumes":[{"name":"v"},{"name":"v"}]"#),
            "Volume names must be unique: 'v'."),
        Refused(
            "an unknown volume", Registration.one(#""mountPoints":[{"sourceVolume":"v","containerPath":"/v"}]"#),
            "Unknown volume 'v'."),
        Refused(
            "a mount point without a path", Registration.one(#""mountPoints":[{"sourceVolume":"v"}]"#),
            "Invalid 'mountPoints' setting for container 'a': a sourceVolume and an absolute containerPath are needed."),
        Refused(
            "volumes of nobody", Registration.one(#""volumesFrom":[{"sourceContainer":"b"}]"#),
            "Invalid 'volumesFrom' setting. Unknown container: 'b'"),
        Refused(
            "volumes of no name", Registration.one(#""volumesFrom":[{}]"#),
            "Invalid 'volumesFrom' setting for container 'a': a sourceContainer is needed."),
        volume(
            "a relative path", #""host":{"sourcePath":"a"}"#,
            "Invalid 'host.sourcePath' setting for volume 'v': 'a' is not absolute."),
        volume(
            "two kinds", #""host":{"sourcePath":"/a"},"dockerVolumeConfiguration":{"scope":"task"}"#,
            "Volume 'v' may be of one kind only, got host.sourcePath and dockerVolumeConfiguration."),
        volume(
            "an unknown scope", #""dockerVolumeConfiguration":{"scope":"all"}"#,
            "Invalid 'scope' setting for volume 'v': 'all'. Valid values are [task, shared]."),
        volume(
            "provisioning for one task", #""dockerVolumeConfiguration":{"scope":"task","autoprovision":true}"#,
            "Invalid 'autoprovision' setting for volume 'v': it is for the scope 'shared' only."),
        volume(
            "IAM without encryption",
            #""efsVolumeConfiguration":{"fileSystemId":"fs-1","authorizationConfig":{"iam":"ENABLED"}}"#,
            "EFS IAM authorization requires TransitEncryption to be enabled: volume 'v'."),
        volume(
            "an access point without encryption",
            #""efsVolumeConfiguration":{"fileSystemId":"fs-1","authorizationConfig":{"accessPointId":"fsap-1"}}"#,
            "EFS access points require TransitEncryption to be enabled: volume 'v'."),
        volume(
            "a port without encryption", #""efsVolumeConfiguration":{"fileSystemId":"fs-1","transitEncryptionPort":1}"#,
            "TransitEncryptionPort requires that TransitEncryption is enabled: volume 'v'."),
        volume(
            "a directory beside an access point",
            #""efsVolumeConfiguration":{"fileSystemId":"fs-1","rootDirectory":"/a","transitEncryption":"ENABLED","authorizationConfig":{"accessPointId":"fsap-1"}}"#,
            "When using an EFS access point, the root directory must either be set to \"/\" or be omitted: volume 'v', '/a'."
        ),
        volume(
            "no file system", #""efsVolumeConfiguration":{"fileSystemId":"disk"}"#,
            "Invalid 'fileSystemId' setting for volume 'v': 'disk'."),
        volume(
            "credentials that are no ARN",
            #""fsxWindowsFileServerVolumeConfiguration":{"fileSystemId":"fs-1","rootDirectory":"a","authorizationConfig":{"credentialsParameter":"x","domain":"d"}}"#,
            "Invalid arn syntax. Got 'x'."),
        volume(
            "an S3 file system that is no ARN", #""s3filesVolumeConfiguration":{"fileSystemArn":"x"}"#,
            "Invalid arn syntax. Got 'x'."),
        Refused(
            "a source named twice",
            Registration.containers(
                Registration.container(""),
                Registration.container(#""volumesFrom":[{"sourceContainer":"a"},{"sourceContainer":"a"}]"#, name: "b")),
            "Invalid 'volumesFrom' setting for container 'b': 'a' is named twice."),
        volume(
            "a launch volume that nobody mounts", #""configuredAtLaunch":true"#,
            "Volumes [v] are not referenced by any of the containers."),
        Refused(
            "two launch volumes",
            Registration.one(
                #""mountPoints":[{"sourceVolume":"v","containerPath":"/v"}]"#,
                task: #""volumes":[{"name":"v","configuredAtLaunch":true},{"name":"w","configuredAtLaunch":true}]"#),
            "At most one volume may be configuredAtLaunch: [v, w]."),
    ]

    @Test("refuses, naming what is wrong:", arguments: refusals)
    func refuses(row: Refused) throws { try row.verify() }

    @Test("takes volumes of the task, of the host and of Docker's kind")
    func accepts() throws {
        let definition = try Registration.accepted(
            Registration.containers(
                Registration.container(#""mountPoints":[{"sourceVolume":"own","containerPath":"/o","readOnly":true}]"#),
                Registration.container(#""volumesFrom":[{"sourceContainer":"a","readOnly":true}]"#, name: "b"))
                + #","volumes":[{"name":"own"},{"name":"host","host":{"sourcePath":"/srv"}},{"name":"docker","dockerVolumeConfiguration":{"scope":"shared","autoprovision":true,"driver":"local","labels":{"k":"v"}}},{"name":"plain","dockerVolumeConfiguration":{}}]"#
        )
        var mount = MountPoint(volume: "own", containerPath: "/o", readOnly: true)
        mount.isReadOnlySaid = true
        #expect(definition.containers[0].mountPoints == [mount])
        #expect(definition.containers[1].volumesFrom == [VolumesFrom(container: "a", readOnly: true)])
        #expect(definition.volumes.map(\.sourcePath) == [nil, "/srv", nil, nil])
        #expect(
            definition.volumes.map(\.docker) == [
                nil, nil,
                DockerVolume(
                    scope: .shared, autoprovision: true, driver: "local", labels: [KeyValue(key: "k", value: "v")]),
                DockerVolume(scope: .task),
            ])
    }
}
