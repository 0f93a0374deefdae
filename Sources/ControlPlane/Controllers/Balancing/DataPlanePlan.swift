import Balancer
import Domain
import Identifiers
import LoadBalancing
import StateStore

/// What the records of load balancers ask of the data plane.
struct DataPlanePlan: Sendable {
    var plan: BalancerPlan
    /// Whose target an address and port of a group is.
    var targets: [Place: TargetID] = [:]
    /// The targets that may get traffic.
    var active: [TargetID] = []
    /// Which load balancer sends to a group.
    var users: [TargetGroupID: LoadBalancerID] = [:]
    /// All load balancers that are in it.
    var loadBalancers: [LoadBalancerID] = []

    struct Place: Hashable, Sendable {
        var group: String
        var address: String
        var port: Int
    }

    /// - Parameters:
    ///   - pool: where load balancers get their addresses.
    ///   - shared: addresses of this machine at which people reach load balancers by name.
    init(_ state: StateSnapshot, pool: AddressPool, shared: [String]) {
        plan = BalancerPlan(sharedAddresses: shared)
        var kinds: [TargetGroupID: LoadBalancerPlan.Kind] = [:]
        for (id, record) in state.loadBalancers.values() {
            guard let address = pool.address(record.addressIndex) else { continue }
            loadBalancers.append(id)
            let listeners = Array(state.listeners(of: id))
            for listener in listeners {
                for group in listener.targetGroups + state.rules(of: listener.id).flatMap(\.targetGroups) {
                    kinds[group] = LoadBalancerPlan.Kind(id.kind)
                    users[group] = id
                }
            }
            plan.loadBalancers.append(LoadBalancerPlan(record, address, listeners, state))
        }
        let hosts = Self.hosts(of: kinds.keys, state)
        for (id, kind) in kinds.sorted(by: { $0.key < $1.key }) {
            guard let group = state.targetGroups[id] else { continue }
            var planned = TargetGroupPlan(group, kind)
            for target in state.targets(of: id) {
                guard let address = group.type == .ip ? target.id.id : hosts[target.id.id] else { continue }
                planned.targets.append(
                    TargetPlan(
                        id: target.id.id, address: address, port: target.id.port,
                        state: target.drainingSince == nil ? .active : .draining))
                targets[Place(group: planned.id, address: address, port: target.id.port)] = target.id
                if target.drainingSince == nil { active.append(target.id) }
            }
            plan.targetGroups.append(planned)
        }
    }

    /// Where hosts are reached, by the names that targets have; asked for only when a group has hosts for targets.
    private static func hosts(of groups: some Sequence<TargetGroupID>, _ state: StateSnapshot) -> [String: String] {
        guard groups.contains(where: { state.targetGroups[$0]?.type == .instance }) else { return [:] }
        var hosts: [String: String] = [:]
        for (_, host) in state.instances.values() where host.status != .inactive {
            hosts[host.ec2InstanceID] = host.nodeAddress ?? "127.0.0.1"
        }
        return hosts
    }

    /// What is seen, by our names of the targets.
    func health(_ seen: [SeenTarget]) -> [TargetID: Domain.TargetHealth] {
        var health: [TargetID: Domain.TargetHealth] = [:]
        for each in seen {
            let place = Place(group: each.group, address: each.target.address, port: each.target.port)
            if let id = targets[place], let told = Domain.TargetHealth(each) { health[id] = told }
        }
        return health
    }
}

extension Domain.TargetHealth {
    /// nil for a target that drains: that is known from its record.
    init?(_ seen: SeenTarget) {
        switch seen.state {
        case .initial:
            self.init(.initial, .initialHealthChecking, "Initial health checks in progress")
        case .healthy: self.init(.healthy)
        case .draining: return nil
        case .unhealthy:
            switch seen.failure {
            case .timeout: self.init(.unhealthy, .timeout, "Request timed out")
            case .code(let code):
                self.init(.unhealthy, .responseCodeMismatch, "Health checks failed with these codes: [\(code)]")
            case .connection, nil: self.init(.unhealthy, .failedHealthChecks, "Health checks failed")
            }
        }
    }
}

extension LoadBalancerPlan.Kind {
    fileprivate init(_ kind: LoadBalancerKind) {
        switch kind {
        case .application: self = .application
        case .network: self = .network
        }
    }
}

extension LoadBalancerPlan {
    fileprivate init(
        _ record: LoadBalancerRecord, _ address: String, _ listeners: [ListenerRecord], _ state: StateSnapshot
    ) {
        func isOn(_ key: String) -> Bool { record.attribute(key) == "true" }
        self.init(
            id: record.id.arn, kind: Kind(record.id.kind), addresses: [address],
            names: state.names(of: record),
            idleTimeout: record.id.kind == .application ? record.idleTimeout : 350,
            http: HTTPOptions(
                hasHTTP2: isOn("routing.http2.enabled"),
                dropsInvalidHeaders: isOn("routing.http.drop_invalid_header_fields.enabled"),
                forwardedFor: record.attribute("routing.http.xff_header_processing.mode")
                    .flatMap(HTTPOptions.ForwardedFor.init) ?? .append,
                forwardsClientPort: isOn("routing.http.xff_client_port.enabled"),
                forwardsTLSParameters: isOn("routing.http.x_amzn_tls_version_and_cipher_suite.enabled")),
            hasAccessLog: record.writesAccessLog,
            listeners: listeners.compactMap { ListenerPlan($0, state) })
    }
}

extension ListenerPlan {
    /// nil for one that can do nothing, as its certificate is gone.
    fileprivate init?(_ record: ListenerRecord, _ state: StateSnapshot) {
        guard let fallback = BalancerAction(record.defaultActions) else { return nil }
        var transport = Transport.plain
        if record.protocol.isEncrypted {
            let certificates = record.certificates.compactMap { state.certificates[$0]?.pem }
            guard !certificates.isEmpty else { return nil }
            transport = .tls(TLSPlan(certificates, record))
        }
        self.init(
            id: record.id.arn, port: record.port, transport: transport,
            rules: state.rules(of: record.id).compactMap(RulePlan.init), defaultAction: fallback)
    }
}

extension TLSPlan {
    fileprivate init(_ certificates: [String], _ record: ListenerRecord) {
        let names = record.sslPolicy.flatMap(SSLPolicy.named)?.protocols ?? []
        let versions = names.compactMap { Version(rawValue: $0 == "TLSv1" ? "TLSv1.0" : $0) }
        let order = Version.allCases
        let places = versions.compactMap(order.firstIndex)
        let alpn: [String] =
            switch record.alpnPolicy {
            case .http1Only: ["http/1.1"]
            case .http2Only: ["h2"]
            case .http2Optional: ["http/1.1", "h2"]
            case .http2Preferred: ["h2", "http/1.1"]
            case nil, .none?: []
            }
        self.init(
            certificates: certificates, minimum: places.min().map { order[$0] } ?? .tls12,
            maximum: places.max().map { order[$0] } ?? .tls13, alpn: alpn)
    }
}

extension CertificateRecord {
    /// All that the data plane needs of it.
    fileprivate var pem: String {
        [certificate, chain, privateKey.text].compactMap { $0 }.joined(separator: "\n") + "\n"
    }
}

extension RulePlan {
    fileprivate init?(_ record: ListenerRuleRecord) {
        guard let action = BalancerAction(record.actions) else { return nil }
        self.init(id: record.id.arn, conditions: record.conditions.map(PlannedCondition.init), action: action)
    }
}

extension BalancerAction {
    fileprivate init?(_ actions: [RuleAction]) {
        switch actions.last?.kind {
        case .forward(let forward):
            self = .forward(
                PlannedForward(
                    forward.groups.map { PlannedForward.Group($0.group.arn, weight: $0.weight) },
                    stickiness: forward.stickiness))
        case .redirect(let redirect):
            self = .redirect(
                PlannedRedirect(
                    protocol: redirect.protocol, host: redirect.host, port: redirect.port, path: redirect.path,
                    query: redirect.query, isPermanent: redirect.isPermanent))
        case .fixedResponse(let fixed):
            self = .fixed(
                PlannedFixedResponse(
                    status: fixed.status, contentType: fixed.contentType ?? "text/plain", body: fixed.body ?? ""))
        case nil: return nil
        }
    }
}

extension PlannedCondition {
    fileprivate init(_ condition: Domain.RuleCondition) {
        switch condition {
        case .hostHeader(let patterns): self = .host(patterns)
        case .path(let patterns): self = .path(patterns)
        case .httpHeader(let name, let values): self = .header(name: name, values: values)
        case .queryString(let pairs): self = .query(pairs.map { QueryPattern(key: $0.key, value: $0.value) })
        case .method(let methods): self = .method(methods)
        case .sourceIP(let blocks): self = .sourceIP(blocks)
        }
    }
}

extension TargetGroupPlan {
    fileprivate init(_ record: TargetGroupRecord, _ kind: LoadBalancerPlan.Kind) {
        self.init(
            id: record.id.arn, kind: kind, transport: record.protocol.isEncrypted ? .tls : .plain,
            version: record.protocolVersion.map(Version.init) ?? .http1,
            algorithm: Algorithm(record.attribute("load_balancing.algorithm.type")),
            stickiness: record.stickiness.map(Stickiness.init), slowStart: record.slowStart,
            closesConnections: kind == .application
                || record.attribute("deregistration_delay.connection_termination.enabled") == "true",
            sendsProxyProtocol: record.attribute("proxy_protocol_v2.enabled") == "true",
            check: HealthCheckPlan(record.healthCheck))
    }
}

extension TargetGroupPlan.Version {
    fileprivate init(_ version: TargetProtocolVersion) {
        switch version {
        case .http1: self = .http1
        case .http2: self = .http2
        case .grpc: self = .grpc
        }
    }
}

extension TargetGroupPlan.Algorithm {
    fileprivate init(_ attribute: String?) {
        switch attribute {
        case "least_outstanding_requests": self = .leastOutstandingRequests
        case "weighted_random": self = .random
        default: self = .roundRobin
        }
    }
}

extension TargetGroupPlan.Stickiness {
    fileprivate init(_ stickiness: TargetStickiness) {
        switch stickiness {
        case .balancerCookie(let duration): self = .balancerCookie(seconds: duration)
        case .targetCookie(let name, let duration): self = .applicationCookie(name: name, seconds: duration)
        case .sourceAddress: self = .sourceIP
        }
    }
}

extension HealthCheckPlan {
    fileprivate init(_ check: TargetHealthCheck) {
        let kind: Kind =
            switch check.protocol {
            case .http: .http
            case .https: .https
            case .tcp, .tls: .tcp
            }
        self.init(
            kind: kind, path: check.path ?? "/", port: check.port, interval: check.interval, timeout: check.timeout,
            healthyThreshold: check.healthyThreshold, unhealthyThreshold: check.unhealthyThreshold,
            codes: check.matcher.flatMap(StatusRanges.init)?.ranges ?? [])
    }
}
