import APIModel
import JSONBytes

/// Values to try for a member of a request, and requests that have it.
///
/// Every value keeps the rules of the model, for those are checked before a handler looks: a difference then is the
/// handler's.
struct MemberSamples {
    let model: ServiceModel

    /// What names things in the worlds of the golden scripts, by the end of a member's name in lower case.
    private static let names: [(end: String, values: [String])] = [
        ("taskdefinition", ["own", "web:1", "web"]), ("family", ["own", "fresh"]), ("familyprefix", ["own"]),
        ("cluster", ["other"]), ("cpu", ["512", "1024"]), ("memory", ["1024", "2048"]),
        ("rolearn", ["arn:aws:iam::000000000000:role/another"]), ("platformversion", ["1.4.0"]),
        ("capacityprovider", ["FARGATE", "FARGATE_SPOT"]), ("subnets", ["subnet-2"]), ("networkmode", ["none"]),
        ("condition", ["START"]), ("ipaddress", ["192.0.2.9"]), ("hostport", ["8080"]), ("user", ["1000"]),
        ("logdriver", ["json-file"]),
        ("credentialsparameter", ["arn:aws:secretsmanager:us-east-1:000000000000:secret:a"]),
        ("containername", ["app"]), ("sourcepath", ["/srv"]), ("containerpath", ["/data"]), ("hostpath", ["/dev/null"]),
        ("containerportrange", ["8000-8002"]), ("expression", ["attribute:ecs.os-type == linux"]),
        ("field", ["cpu", "attribute:ecs.availability-zone"]), ("nexttoken", ["made-up"]),
        ("value", ["enabled"]), ("scheduleexpression", ["rate(9 minutes)"]),
        ("eventpattern", [#"{"source":["probe"]}"#]),
        ("eventbusname", ["default", "other"]), ("inputtemplate", ["probe"]), ("inputpath", ["$.detail"]),
        ("inputpathsmap", ["$.detail"]), ("input", [#"{"containerOverrides":[]}"#]), ("detail", [#"{"probe":1}"#]),
        ("certificatearn", ["arn:aws:acm:us-east-1:000000000000:certificate/00000000-0000-4000-8000-000000000000"]),
        ("resourcearn", ["arn:aws:ecs:us-east-1:000000000000:cluster/other"]), ("accountidentifiers", ["000000000000"]),
    ]

    /// What a structure says of itself when it has that member, by the name of the member that says so.
    private static let kinds: [String: (member: String, kind: JSONValue)] = [
        "AuthenticateCognitoConfig": ("Type", "authenticate-cognito"),
        "AuthenticateOidcConfig": ("Type", "authenticate-oidc"), "JwtValidationConfig": ("Type", "jwt-validation"),
        "FixedResponseConfig": ("Type", "fixed-response"), "RedirectConfig": ("Type", "redirect"),
        "HostHeaderConfig": ("Field", "host-header"), "HttpHeaderConfig": ("Field", "http-header"),
        "HttpRequestMethodConfig": ("Field", "http-request-method"), "PathPatternConfig": ("Field", "path-pattern"),
        "QueryStringConfig": ("Field", "query-string"), "SourceIpConfig": ("Field", "source-ip"),
    ]

    /// Values of a leaf, the likelier to make a difference first.
    func values(of member: ServiceModel.Member) -> [JSONValue] {
        switch model.shape(member.shape) {
        case .string(let values, _) where !values.isEmpty: return values.map { .string($0) }
        case .string:
            let leaf = member.path.lowercased().split(separator: ".").last.map(String.init) ?? ""
            let word = leaf.replacing("[]", with: "").replacing("{}", with: "")
            let known = Self.names.filter { word.hasSuffix($0.end) }.flatMap(\.values)
            return (known + ["probe-1", "1", "a:b", "/probe"]).map { .string($0) }
        case .integer(let bounds, _):
            let low = Int64(bounds.minimum ?? 0)
            let high = Int64(bounds.maximum ?? 65_535)
            return [1, 2, 7, 60, 128, 8080, low, high, 0].filter { (low...high).contains($0) }.map { .integer($0) }
        case .double(let bounds): return [.number(bounds.minimum ?? 12.5), .number(bounds.maximum ?? 50.5)]
        case .boolean: return [true, false]
        case .timestamp: return [1, 1_790_000_100]
        case .structure, .document, .list, .map: return [[:]]
        }
    }

    /// Whether the model leaves no choice, so that no difference can be made.
    func hasOneValue(_ member: ServiceModel.Member) -> Bool {
        if case .string(let values, _) = model.shape(member.shape) { return values.count == 1 }
        return false
    }

    /// The request with the value at the member's place; what has to be there on the way is made.
    ///
    /// - Parameter key: what a map shall hold the value under.
    func setting(
        _ member: ServiceModel.Member, to value: JSONValue, key: String = "probe", in request: JSONValue,
        of shape: String
    ) -> JSONValue {
        var steps: [String] = []
        for part in member.path.split(separator: ".") {
            var name = String(part)
            var ends: [String] = []
            while name.hasSuffix("[]") || name.hasSuffix("{}") {
                ends.insert(String(name.suffix(2)), at: 0)
                name.removeLast(2)
            }
            steps += [name] + ends
        }
        return setting(steps[...], to: value, key: key, in: request, of: shape)
    }

    private func setting(
        _ steps: ArraySlice<String>, to value: JSONValue, key: String, in current: JSONValue?, of name: String
    ) -> JSONValue {
        guard let step = steps.first else { return value }
        switch model.shape(name) {
        case .structure(let members):
            var object = (current ?? minimal(name)).object ?? [:]
            guard let member = members.first(where: { $0.name == step }) else { return .object(object) }
            if let told = Self.kinds[step] {
                // It has what one kind has, and no other's.
                object = object.filter { $0.key == step || Self.kinds[$0.key] == nil }
                object[told.member] = told.kind
            }
            object[step] = setting(steps.dropFirst(), to: value, key: key, in: object[step], of: member.shape)
            return .object(object)
        case .list(let element, _):
            var values = current?.array ?? []
            let changed = setting(steps.dropFirst(), to: value, key: key, in: values.first, of: element)
            if values.isEmpty { values = [changed] } else { values[0] = changed }
            return .array(values)
        case .map(let inner):
            return .object([key: setting(steps.dropFirst(), to: value, key: key, in: nil, of: inner)])
        default: return value
        }
    }

    /// The least that the model allows.
    func minimal(_ name: String, named member: String = "") -> JSONValue {
        switch model.shape(name) {
        case .structure(let members):
            var object: [String: JSONValue] = [:]
            for inner in members where inner.isRequired { object[inner.name] = minimal(inner.shape, named: inner.name) }
            return .object(object)
        case .list(let element, _): return [minimal(element, named: member)]
        case .map: return [:]
        default: return values(of: ServiceModel.Member(path: member, shape: name)).first ?? .null
        }
    }
}
