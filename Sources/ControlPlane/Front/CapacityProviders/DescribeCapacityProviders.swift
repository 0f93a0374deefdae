import AWSWire
import Domain
import ECSShapes
import Identifiers
import StateStore

/// Shows providers in order of their names: those asked for, or every active one with the built-in two.
struct DescribeCapacityProviders: OperationHandler {
    let store: any StateStore

    func answer(
        _ request: ECSShapes.DescribeCapacityProvidersRequest, _ call: APICall
    ) async throws(APIFault) -> ECSShapes.DescribeCapacityProvidersResponse {
        let references = request.capacityProviders ?? []
        if references.count > 100 {
            throw .invalidParameter("capacityProviders can not have more than 100 elements.")
        }
        let paging = try Paging(request.maxResults, request.nextToken, standard: 10, limit: 10)
        let state = store.committed()
        let ofCluster = try Self.providers(of: request.cluster, state, call.scope)
        let rows = references.isEmpty ? Self.all(state, call.scope) : Self.named(references, state, call.scope)
        let visible = rows.map { row in ofCluster?.contains(row.name) == false ? row.missing : row }
            .filter { !references.isEmpty || $0.provider != nil }
        let (page, token) = paging.page(visible) { $0.name }
        let showsTags = request.include?.contains("TAGS") == true
        return ECSShapes.DescribeCapacityProvidersResponse(
            capacityProviders: page.compactMap { $0.provider?.shape(showsTags: showsTags) },
            failures: page.filter { $0.provider == nil }.map { .missing($0.arn) }, nextToken: token)
    }

    /// One provider that a page may show, or that it says is missing.
    private struct Row {
        enum Provider {
            case builtIn(FargateProvider, Scope)
            case own(CapacityProviderRecord)

            func shape(showsTags: Bool) -> ECSShapes.CapacityProvider {
                switch self {
                case .builtIn(let provider, let scope): ECSShapes.CapacityProvider(provider, scope)
                case .own(let record): ECSShapes.CapacityProvider(record, showsTags: showsTags)
                }
            }
        }

        /// Unique in the list, and what it is ordered by.
        var name: String
        var arn: String
        var provider: Provider?

        var missing: Row { Row(name: name, arn: arn) }

        init(name: String, arn: String, provider: Provider? = nil) {
            self.name = name
            self.arn = arn
            self.provider = provider
        }

        init(_ id: CapacityProviderID, in state: StateSnapshot) {
            self.init(name: id.name, arn: id.arn)
            provider =
                FargateProvider(rawValue: id.name).map { .builtIn($0, id.scope) }
                ?? state.capacityProviders[id].map { .own($0) }
        }
    }

    private static func all(_ state: StateSnapshot, _ scope: Scope) -> [Row] {
        let own = state.capacityProviders.values().lazy.map { $0.1 }.filter {
            $0.id.scope == scope && $0.status == .active
        }
        let ids = FargateProvider.allCases.map { CapacityProviderID(scope: scope, name: $0.rawValue) } + own.map(\.id)
        return ids.sorted().map { Row($0, in: state) }
    }

    private static func named(_ references: [String], _ state: StateSnapshot, _ scope: Scope) -> [Row] {
        let rows = references.map { reference in
            CapacityProviderID(reference: reference, scope).map { Row($0, in: state) }
                ?? Row(name: reference, arn: reference)
        }
        let unique = Dictionary(rows.map { ($0.name, $0) }) { first, _ in first }
        return unique.values.sorted { $0.name < $1.name }
    }

    /// nil when no cluster is asked for.
    private static func providers(
        of reference: String?, _ state: StateSnapshot, _ scope: Scope
    ) throws(APIFault) -> Set<String>? {
        guard let reference else { return nil }
        return Set(try state.cluster(reference, scope).capacityProviders)
    }
}
