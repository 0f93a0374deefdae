import AWSWire
import AgentGateway
import Domain
import Identifiers
import JSONBytes
import Logging
import ShapeRules
import StateStore

/// Turns requests into answers: authenticates, authorises, finds the operation and runs it. Knows no sockets.
struct Dispatcher: Sendable {
    private let ports: FrontPorts
    private let operations: OperationTable
    private let authentication = Authentication()
    private let dates = HTTPDates()
    private let requests = RequestCounts()
    private let configuration: FrontConfiguration
    private let logger: Logger

    init(ports: FrontPorts, operations: OperationTable, configuration: FrontConfiguration, logger: Logger) {
        self.ports = ports
        self.operations = operations
        self.configuration = configuration
        self.logger = logger
    }

    /// Operations that need no signature, because the caller has no key yet.
    private static let unsigned: Set<String> = [Operation.berthPrefix + "JoinHost"]

    /// Whose socket a request asks for.
    func agentConnection(_ request: HTTPMessage) throws(SocketRefusal) -> AgentConnection {
        let state = ports.store.committed()
        let key: AccessKeyRecord
        do throws(APIFault) {
            key = try authentication.caller(of: request, in: state, now: ports.now())
        } catch {
            throw .signature(error)
        }
        return try AgentConnection(request, key.principal, state)
    }

    private func run(_ request: HTTPMessage, requestID: String) async throws(APIFault) -> [UInt8] {
        let target = request.header("x-amz-target")
        if let target, Self.unsigned.contains(target) {
            let call = try unsigned(request, requestID)
            return try await operations.operation(target: target).run(body(of: request), call)
        }
        let call = try signed(request, requestID)
        let operation = try operations.operation(target: target)
        try Authorization.check(operation.target, call)
        return try await operation.run(body(of: request), call)
    }

    /// Runs what a form asks for: to the operation it is JSON, and its answer is written as XML.
    private func run(
        _ form: QueryForm, _ asked: (any QueryOperation)?, _ request: HTTPMessage, _ requestID: String
    ) async throws(APIFault) -> [UInt8] {
        let call = try signed(request, for: ServedServices.signingNames(asked), requestID)
        guard let asked else {
            guard let action = form.action, !action.isEmpty else { throw .missingAction() }
            if ServedServices.isUnserved(form) { throw .unsupportedFeature("\(action) is not built yet.") }
            throw .invalidAction(action, version: form.version ?? "")
        }
        try Authorization.check(asked.target, call)
        let operation = try operations.operation(asked)
        let json = try type(of: asked).schema.json(form, as: asked.requestShape)
        return try asked.xml(answer: await operation.run(json, call), requestID: requestID)
    }

    /// Runs what a path of RPC v2 CBOR asks for: to the operation it is JSON, and its answer is written as CBOR.
    private func run(
        _ name: String, of service: any QueryOperation.Type, _ request: HTTPMessage, _ requestID: String
    ) async throws(APIFault) -> [UInt8] {
        let call = try signed(request, for: [service.signingName], requestID)
        guard let asked = service.named(name) else {
            if service.unserved.contains(name) { throw .unsupportedFeature("\(name) is not built yet.") }
            throw .unknownOperation("'\(name.prefix(200))' is not an operation of \(service.targetPrefix).")
        }
        try Authorization.check(asked.target, call)
        let operation = try operations.operation(asked)
        return try await asked.cbor(answer: operation.run(RPCv2CBOR.json(unpacked(request)), call))
    }

    /// - Throws: the fault of what is wrong with the signature.
    private func signed(
        _ request: HTTPMessage, for services: Set<String>? = nil, _ requestID: String
    ) throws(APIFault) -> APICall {
        var call = try unsigned(request, requestID)
        let key = try authentication.caller(of: request, for: services, in: ports.store.committed(), now: call.now)
        call.principal = key.principal
        call.joined = key.joined
        call.scope = key.scope
        return call
    }

    private func unsigned(_ request: HTTPMessage, _ requestID: String) throws(APIFault) -> APICall {
        guard let scope = ports.store.committed().installation?.scope else { throw .server() }
        return APICall(
            principal: nil, scope: scope, requestID: requestID, now: ports.now(), origin: request.origin)
    }

    /// How large the body of whoever a request says it is from may be, also once it is unpacked.
    private func largestBody(of head: HTTPMessage) -> Int {
        Authentication.namesKnownKey(head, in: ports.store.committed())
            ? configuration.maximumBody : configuration.maximumUnknownBody
    }

    /// What the operation reads.
    private func body(of request: HTTPMessage) throws(APIFault) -> [UInt8] {
        guard JSON11.accepts(contentType: request.header("content-type")) else {
            throw .unknownOperation("The request's 'Content-Type' is not '\(JSON11.contentType)'.")
        }
        return try unpacked(request)
    }

    private func unpacked(_ request: HTTPMessage) throws(APIFault) -> [UInt8] {
        guard let encoding = request.header("content-encoding") else { return request.body }
        return try ContentEncoding.unpack(request.body, encoding: encoding, limit: largestBody(of: request))
    }
}

extension Dispatcher: HTTPResponder {
    func bodyLimit(of head: HTTPMessage) -> Int {
        // Most bodies fit into what anybody may send, and then it does not matter who does.
        if let announced = head.header("content-length").flatMap({ Int($0) }),
            (0...configuration.maximumUnknownBody).contains(announced)
        {
            return configuration.maximumUnknownBody
        }
        return largestBody(of: head)
    }

    func answer(_ request: HTTPMessage) async -> HTTPAnswer {
        let requestID = ports.ids.uuid()
        switch (request.method, request.path) {
        case ("POST", "/"):
            // The header wins: only JSON has a target.
            let isForm =
                request.header("x-amz-target") == nil
                && QueryForm.accepts(contentType: request.header("content-type"))
            return isForm ? await answerForm(request, requestID) : await answerOperation(request, requestID)
        case ("POST", _) where request.path.hasPrefix("/service/"): return await answerCBOR(request, requestID)
        case ("GET", "/_berth/health"), ("HEAD", "/_berth/health"):
            return HTTPAnswer(
                status: 200,
                headers: [
                    HTTPMessage.Header("content-type", "application/json"),
                    HTTPMessage.Header("x-amzn-requestid", requestID),
                ], body: request.method == "HEAD" ? [] : Array(#"{"status":"ok"}"#.utf8))
        case ("GET", "/metrics"): return prometheus(request, requestID)
        case ("GET", "/ws"): return refuseSocket(request, requestID)
        default:
            return faultAnswer(misdirected(request), requestID)
        }
    }

    func tooLarge(limit: Int) -> HTTPAnswer {
        faultAnswer(.requestTooLarge(limit: limit), ports.ids.uuid())
    }

    func unmetExpectation() -> HTTPAnswer {
        var fault = APIFault.unknownOperation("Of the header 'Expect' only '100-continue' is known.")
        fault.status = 417
        return faultAnswer(fault, ports.ids.uuid())
    }

    /// A request that is for no address here; a presigned one, which goes by GET, is told what is wrong with it first.
    private func misdirected(_ request: HTTPMessage) -> APIFault {
        if SigV4Verifier.isPresigned(request.query) { return APIFault(.presigned) }
        var fault = APIFault.unknownOperation(
            "There is nothing at \(request.method.prefix(20)) \(request.path.prefix(200)).")
        fault.status = 404
        return fault
    }

    private func answerOperation(_ request: HTTPMessage, _ requestID: String) async -> HTTPAnswer {
        do throws(APIFault) {
            let body = try await run(request, requestID: requestID)
            count(request.header("x-amz-target"), nil)
            return HTTPAnswer(status: 200, headers: jsonHeaders(requestID, as: request), body: body)
        } catch {
            count(request.header("x-amz-target"), error)
            log(error, of: request.header("x-amz-target"), requestID)
            var answer = faultAnswer(error, requestID, as: request)
            if let service = ServedServices.service(of: request.header("x-amz-target")) as? any QueryOperation.Type {
                answer.headers.append(queryError(error, service))
            }
            return answer
        }
    }

    private func answerCBOR(_ request: HTTPMessage, _ requestID: String) async -> HTTPAnswer {
        guard let names = RPCv2CBOR.names(in: request.path), let service = ServedServices.service(path: names.service)
        else { return faultAnswer(misdirected(request), requestID) }
        var answer = HTTPAnswer(status: 200, headers: headers(RPCv2CBOR.contentType, requestID), body: [])
        answer.headers.append(HTTPMessage.Header(RPCv2CBOR.protocolHeader, RPCv2CBOR.protocolName))
        let target = "\(names.service).\(names.operation)"
        do throws(APIFault) {
            answer.body = try await run(names.operation, of: service, request, requestID)
            count(target, nil)
        } catch {
            count(target, error)
            log(error, of: target, requestID)
            answer.status = error.status
            answer.headers.append(queryError(error, service))
            answer.body = error.cborBytes()
        }
        return answer
    }

    private func queryError(_ fault: APIFault, _ service: any QueryOperation.Type) -> HTTPMessage.Header {
        let (name, value) = fault.queryErrorHeader(service)
        return HTTPMessage.Header(name, value)
    }

    private func answerForm(_ request: HTTPMessage, _ requestID: String) async -> HTTPAnswer {
        var asked: (any QueryOperation)?
        do throws(APIFault) {
            let form = try QueryForm(unpacked(request))
            asked = ServedServices.operation(form)
            let body = try await run(form, asked, request, requestID)
            count(asked?.target, nil)
            return HTTPAnswer(status: 200, headers: headers("text/xml", requestID), body: body)
        } catch {
            count(asked?.target, error)
            log(error, of: asked?.target, requestID)
            return HTTPAnswer(
                status: error.queryStatus, headers: headers("text/xml", requestID),
                body: error.xmlBytes(
                    namespace: asked.map { type(of: $0).xmlNamespace },
                    codes: asked.map { type(of: $0).queryFaultCodes } ?? [:], requestID: requestID))
        }
    }

    /// Counts an answer; a caller's own words never become a name.
    private func count(_ target: String?, _ fault: APIFault?) {
        let known = target.flatMap {
            operations.knows(target: $0) ? $0.split(separator: ".").last.map(String.init) : nil
        }
        requests.count(known ?? "-", fault?.code ?? "ok")
    }

    /// Loopback is this machine's own; others must show the token.
    private func prometheus(_ request: HTTPMessage, _ requestID: String) -> HTTPAnswer {
        guard let page = ports.prometheus else { return faultAnswer(misdirected(request), requestID) }
        let isOpen = configuration.isLoopback && configuration.tls == nil
        guard isOpen || page.admits(request.header("authorization")) else {
            let asking = [HTTPMessage.Header("www-authenticate", "Bearer")]
            return HTTPAnswer(status: 401, headers: asking + headers("text/plain", requestID), body: [])
        }
        let text = page.text(
            state: ports.store.committed(), presence: ports.presence, requests: requests.all, now: ports.now())
        return HTTPAnswer(status: 200, headers: headers(PrometheusText.contentType, requestID), body: text)
    }

    private func log(_ fault: APIFault, of target: String?, _ requestID: String) {
        guard fault.side == .server else { return }
        logger.error(
            "request failed",
            metadata: [
                "request-id": "\(requestID)", "code": "\(fault.code)", "target": "\(target ?? "-")",
            ])
    }

    /// The answer to a request for a socket that was not upgraded, in the form that agents read.
    private func refuseSocket(_ request: HTTPMessage, _ requestID: String) -> HTTPAnswer {
        var refusal = SocketRefusal.protocolError(.badRequest("This address serves websockets only."))
        do throws(SocketRefusal) { _ = try agentConnection(request) } catch { refusal = error }
        return HTTPAnswer(status: refusal.status, headers: jsonHeaders(requestID), body: refusal.body)
    }

    private func faultAnswer(_ fault: APIFault, _ requestID: String, as request: HTTPMessage? = nil) -> HTTPAnswer {
        HTTPAnswer(status: fault.status, headers: jsonHeaders(requestID, as: request), body: fault.jsonBytes())
    }

    /// An answer is of the version of JSON that the request is of.
    private func jsonHeaders(_ requestID: String, as request: HTTPMessage? = nil) -> [HTTPMessage.Header] {
        let isOlder = request?.header("content-type")?.hasPrefix(JSON11.olderContentType) ?? false
        return headers(isOlder ? JSON11.olderContentType : JSON11.contentType, requestID)
    }

    private func headers(_ contentType: String, _ requestID: String) -> [HTTPMessage.Header] {
        [
            HTTPMessage.Header("content-type", contentType),
            HTTPMessage.Header("x-amzn-requestid", requestID),
            HTTPMessage.Header("date", dates.text(at: ports.now().milliseconds)),
        ]
    }
}
