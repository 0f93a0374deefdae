import Identifiers
import JSONBytes

/// Makes registrations at random: mostly sensible, with a wrong value now and then.
struct RandomDefinition {
    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func registration() -> JSONValue {
        let mode = pick(["", "bridge", "awsvpc", "host", "none"])
        let names = Array(["app", "side", "init", "last"].prefix(number(1...4)))
        var members: [String: JSONValue] = [
            "family": "web",
            "containerDefinitions": .array(names.map { container($0, among: names, mode: mode) }),
            "volumes": [["name": "own"], ["name": "host", "host": ["sourcePath": "/srv"]], dockerVolume()],
        ]
        if !mode.isEmpty { members["networkMode"] = .string(mode) }
        if chance(50) {
            members["cpu"] = .string(pick(["256", "1 vCPU", ".5 vcpu", "2048"]))
            members["memory"] = .string(pick(["512", "1GB", "2 GB", "4096"]))
        }
        if chance(20) { members["requiresCompatibilities"] = [.string(pick(["EC2", "FARGATE", "EXTERNAL"]))] }
        if chance(20) { members["pidMode"] = .string(pick(["host", "task"])) }
        if chance(20) { members["ipcMode"] = .string(pick(["host", "task", "none"])) }
        if chance(20) { members["taskRoleArn"] = "role" }
        if chance(20) { members["executionRoleArn"] = "arn:aws:iam::1:role/x" }
        if chance(20) { members["ephemeralStorage"] = ["sizeInGiB": .integer(Int64(number(20...40)))] }
        if chance(20) { members["runtimePlatform"] = ["cpuArchitecture": .string(pick(["X86_64", "ARM64"]))] }
        if chance(10) {
            members["placementConstraints"] = [["type": "memberOf", "expression": "attribute:a == b"]]
        }
        return .object(members)
    }

    private mutating func dockerVolume() -> JSONValue {
        let scope = pick(["task", "shared"])
        var volume: [String: JSONValue] = ["scope": .string(scope)]
        if scope == "shared" { volume["autoprovision"] = .boolean(chance(50)) }
        if chance(30) { volume["driver"] = "local" }
        if chance(30) { volume["labels"] = ["a": "b"] }
        return ["name": "docker", "dockerVolumeConfiguration": .object(volume)]
    }

    private mutating func container(_ name: String, among names: [String], mode: String) -> JSONValue {
        var members: [String: JSONValue] = ["name": .string(name), "image": "registry:5000/web:1"]
        members["memory"] = .integer(Int64(number(-1...600)))
        if chance(20) { members["memoryReservation"] = .integer(Int64(number(4...64))) }
        if chance(30) { members["cpu"] = .integer(Int64(number(0...300))) }
        members["essential"] = .boolean(name == "app" || chance(50))
        if chance(30) { members["command"] = ["a", "\u{e9}\n"] }
        if chance(30) { members["environment"] = [["name": "A", "value": "1"], ["name": "B"]] }
        if chance(30) { members["user"] = .string(pick(["app", "1000:1000", "root:x", "a b"])) }
        let isShared = mode == "awsvpc" || mode == "host"
        if chance(30), mode != "none" {
            members["portMappings"] = .array([port(isShared: isShared, names.firstIndex(of: name) ?? 0)])
        }
        if chance(30) { members["mountPoints"] = [mountPoint()] }
        if let other = names.first, other != name {
            if chance(20) { members["volumesFrom"] = [["sourceContainer": .string(other)]] }
            if chance(20), !isShared { members["links"] = [.string(pick([other, other + ":alias"]))] }
            if chance(30) {
                members["dependsOn"] = [
                    ["containerName": .string(other), "condition": .string(pick(["START", "HEALTHY"]))]
                ]
            }
        }
        if chance(30) {
            members["healthCheck"] = ["command": ["CMD", "true"], "interval": .integer(Int64(number(4...30)))]
        }
        if chance(20) { members["restartPolicy"] = ["enabled": .boolean(chance(50)), "ignoredExitCodes": [0, 1]] }
        if chance(20) { members["stopTimeout"] = .integer(Int64(number(0...130))) }
        if chance(20) {
            members["ulimits"] = [
                [
                    "name": .string(pick(["nofile", "core"])), "softLimit": 1,
                    "hardLimit": .integer(Int64(number(0...9))),
                ]
            ]
        }
        if chance(40) { members["linuxParameters"] = linuxParameters() }
        if chance(20) {
            members["systemControls"] = [
                ["namespace": .string(pick(["net.core.somaxconn", "kernel.shmmax", "vm.x"])), "value": "9"]
            ]
        }
        if chance(20) { members["logConfiguration"] = ["logDriver": "json-file", "options": ["max-size": "1m"]] }
        if chance(20) { members["dockerLabels"] = ["k": "v"] }
        if chance(20) { members["dockerSecurityOptions"] = ["no-new-privileges"] }
        if chance(20) { members["extraHosts"] = [["hostname": "db", "ipAddress": "10.0.0.1"]] }
        if chance(10) { members["dnsServers"] = ["10.0.0.2"] }
        for flag in ["interactive", "pseudoTerminal", "readonlyRootFilesystem", "privileged", "disableNetworking"]
        where chance(10) {
            members[flag] = .boolean(chance(50))
        }
        return .object(members)
    }

    private mutating func port(isShared: Bool, _ index: Int) -> JSONValue {
        let first = 8000 + 100 * index
        if chance(30) { return ["containerPortRange": .string("\(first)-\(first + number(0...20))")] }
        var members: [String: JSONValue] = ["containerPort": .integer(Int64(first))]
        if chance(50) { members["hostPort"] = .integer(Int64(isShared ? first : number(0...65_535))) }
        if chance(30) { members["protocol"] = .string(pick(["tcp", "udp"])) }
        if chance(30) { members["name"] = .string("port-\(index)") }
        return .object(members)
    }

    private mutating func mountPoint() -> JSONValue {
        [
            "sourceVolume": .string(pick(["own", "host", "docker", "own", "nothing"])), "containerPath": "/v",
            "readOnly": .boolean(chance(50)),
        ]
    }

    private mutating func linuxParameters() -> JSONValue {
        var members: [String: JSONValue] = [:]
        if chance(30) { members["initProcessEnabled"] = .boolean(chance(50)) }
        if chance(30) {
            members["capabilities"] = ["add": [.string(pick(["SYS_PTRACE", "NET_ADMIN"]))], "drop": ["MKNOD"]]
        }
        if chance(20) { members["sharedMemorySize"] = .integer(Int64(number(0...64))) }
        if chance(20) { members["tmpfs"] = [["containerPath": "/t", "size": 5, "mountOptions": ["ro", "mode=700"]]] }
        if chance(20) { members["devices"] = [["hostPath": "/dev/fuse", "permissions": ["read", "write"]]] }
        if chance(20) { members["maxSwap"] = .integer(Int64(number(0...9))) }
        if chance(20) { members["swappiness"] = .integer(Int64(number(0...110))) }
        return .object(members)
    }

    private mutating func chance(_ percent: Int) -> Bool { number(1...100) <= percent }
    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    private mutating func pick(_ words: [String]) -> String { words[number(0...words.count - 1)] }
}
