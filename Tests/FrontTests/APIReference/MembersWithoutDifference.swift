/// Members that make no difference in one call of a small world, and why that is right.
///
/// The page of truth shows them with the reason. One that begins to make a difference must leave this list.
enum MembersWithoutDifference {
    static let reasons: [String: String] = [
        "UpdateTaskProtection.protectionEnabled": "only tasks of services can be protected, and the sample is of none",
        "DeregisterContainerInstance.force": "it lets a host go that runs tasks, and the sample runs none",
        "DeleteTaskSet.force": "it lets a set go that has tasks, and the sample has none",
        "DeleteAttributes.attributes[].value": "the name and the host say which attribute goes, as on AWS",
        "ExecuteCommand.command": "every call ends in TargetNotConnectedException until ECS Exec is built",
        "ContinueServiceDeployment.action": "the sample's deployment waits at no hook",
        "SubmitTaskStateChange.cluster": arn, "SubmitContainerStateChange.cluster": arn,
        "SubmitAttachmentStateChanges.cluster": arn, "DiscoverPollEndpoint.cluster": arn,
        "SubmitTaskStateChange.reason": "it is shown of tasks that stop, and the sample runs",
        "SubmitTaskStateChange.containers[].containerName": "it names a container whose other members are the news",
        "SubmitTaskStateChange.managedAgents[].status": managed,
        "SubmitTaskStateChange.managedAgents[].reason": managed,
        "SubmitTaskStateChange.managedAgents[].managedAgentName": managed,
        "SubmitTaskStateChange.managedAgents[].containerName": managed,
        "SubmitContainerStateChange.networkBindings[].protocol": bindings,
        "SubmitContainerStateChange.networkBindings[].hostPortRange": bindings,
        "SubmitContainerStateChange.networkBindings[].hostPort": bindings,
        "SubmitContainerStateChange.networkBindings[].containerPortRange": bindings,
        "SubmitContainerStateChange.networkBindings[].containerPort": bindings,
        "SubmitContainerStateChange.networkBindings[].bindIP": bindings,
        "SubmitAttachmentStateChanges.attachments[].status": "the address of a task is news of the task itself",
        "RegisterContainerInstance.totalResources[].type": "the value that is given says it",
        "RegisterContainerInstance.totalResources[].stringSetValue[]": "the sample's first resource is a number",
        "RegisterContainerInstance.totalResources[].longValue": "agents give resources as integers",
        "RegisterContainerInstance.totalResources[].doubleValue": "agents give resources as integers",
        "RegisterContainerInstance.platformDevices[].type": "GPUs are not scheduled yet",
        "RegisterContainerInstance.platformDevices[].id": "GPUs are not scheduled yet",
        "RegisterContainerInstance.instanceIdentityDocumentSignature": identity,
        "RegisterContainerInstance.instanceIdentityDocument": identity,
        "RegisterContainerInstance.attributes[].targetType": "they are the host's own",
        "RegisterContainerInstance.attributes[].targetId": "they are the host's own",
        "AWSEvents.DeleteRule.Force": managedRules, "AWSEvents.RemoveTargets.Force": managedRules,
        "AWSEvents.ListEventBuses.Limit": "there is one bus",
        "AWSEvents.PutEvents.Entries[].TraceHeader": "nothing here traces",
        "GraniteServiceVersion20100801.PutMetricData.StrictEntityValidation": "it is about entities, which are refused",
        "GraniteServiceVersion20100801.GetMetricData.LabelOptions.Timezone": "labels that show times are refused",
        "Logs_20140328.PutLogEvents.sequenceToken": "it is not looked at, as on AWS",
        "Logs_20140328.FilterLogEvents.interleaved": "events of several streams are always in the order of their times",
        "Logs_20140328.FilterLogEvents.unmask": unmasked, "Logs_20140328.GetLogEvents.unmask": unmasked,
        "AnyScaleFrontendService.DescribeScalingActivities.IncludeNotScaledActivities":
            "the sample has no activity that scaled nothing",
        "ElasticLoadBalancing.DescribeSSLPolicies.LoadBalancerType": "both kinds have the same",
        "ElasticLoadBalancing.DeregisterTargets.Targets[].AvailabilityZone": leaving,
        "ElasticLoadBalancing.DeregisterTargets.Targets[].QuicServerId": leaving,
        "ElasticLoadBalancing.RemoveListenerCertificates.Certificates[].IsDefault": leaving,
        "ElasticLoadBalancing.ModifyRule.ResetTransforms": "no rule has transforms",
        "ElasticLoadBalancing.CreateListener.MutualAuthentication.AdvertiseTrustStoreCaNames": mutual,
        "ElasticLoadBalancing.CreateListener.MutualAuthentication.IgnoreClientCertificateExpiry": mutual,
        "ElasticLoadBalancing.CreateListener.MutualAuthentication.TrustStoreArn": mutual,
        "ElasticLoadBalancing.CreateListener.MutualAuthentication.TrustStoreAssociationStatus": mutual,
        "ElasticLoadBalancing.ModifyListener.MutualAuthentication.AdvertiseTrustStoreCaNames": mutual,
        "ElasticLoadBalancing.ModifyListener.MutualAuthentication.IgnoreClientCertificateExpiry": mutual,
        "ElasticLoadBalancing.ModifyListener.MutualAuthentication.TrustStoreArn": mutual,
        "ElasticLoadBalancing.ModifyListener.MutualAuthentication.TrustStoreAssociationStatus": mutual,
        "DiscoverPollEndpoint.zoneId": "there is one address for every zone",
    ]

    private static let leaving = "what stands beside it says which one goes"
    private static let mutual = "it means nothing without a mode, and those that ask for certificates are refused"
    private static let unmasked = "nothing is masked, since there are no data protection policies"
    private static let arn = "the ARN beside it names the cluster too"
    private static let managedRules =
        "it is for rules that services of AWS manage, and here nobody but callers makes rules"
    private static let managed = "ECS Exec is not built yet, so no agent runs inside of containers"
    private static let bindings = "agents report ports with the task"
    private static let identity = "the key says which host it is"
}
