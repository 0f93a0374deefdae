"""The AWS services whose shapes are generated."""

from dataclasses import dataclass, field


# Equal to itself alone: with its dictionaries compared it could be no key.
@dataclass(frozen=True, eq=False)
class Service:
    """One service model of botocore, and what of it is taken."""

    name: str
    version: str
    # Names the target PREFIXShapes, the enumeration PREFIXOperation and the protocol PREFIXRequest.
    prefix: str
    title: str
    # None takes all.
    operations: tuple[str, ...] | None = None
    # Members, each a string, that clients send or read and the public model lacks; by structure.
    private_members: dict[str, list[str]] = field(default_factory=dict)
    # Values that the API takes (its own documentation names them) and the public model's enumerations lack.
    further_values: dict[str, list[str]] = field(default_factory=dict)
    # Shapes whose pattern or whose map's rules are not emitted: their handlers check them.
    unchecked: tuple[str, ...] = ()


ECS = Service(
    "ecs", "2014-11-13", "ECS", "the ECS API",
    private_members={
        "RegisterContainerInstanceRequest": ["clientToken"],
        "DiscoverPollEndpointRequest": ["zoneId"],
        "DiscoverPollEndpointResponse": ["systemLogsEndpoint"],
    },
    further_values={"SettingName": ["dualStackIPv6"]})

EVENTS = Service(
    "events", "2015-10-07", "Events", "EventBridge",
    operations=(
        "DeleteRule", "DescribeEventBus", "DescribeRule", "DisableRule", "EnableRule", "ListEventBuses",
        "ListRuleNamesByTarget", "ListRules", "ListTagsForResource", "ListTargetsByRule", "PutEvents", "PutRule",
        "PutTargets", "RemoveTargets", "TagResource", "TestEventPattern", "UntagResource"),
    unchecked=(
        "EndpointId", "EventBusNameOrArn", "HeaderKey", "HeaderParametersMap", "HeaderValue", "InputTransformerPathKey",
        "KmsKeyIdentifier", "NonPartnerEventBusNameOrArn", "PathParameter", "QueryStringKey", "QueryStringParametersMap",
        "QueryStringValue", "RedshiftSecretManagerArn", "RunCommandTargetKey", "SageMakerPipelineParameterName",
        "TransformerPaths"))

LOAD_BALANCING = Service(
    "elbv2", "2015-12-01", "ELB", "Elastic Load Balancing",
    unchecked=(
        "CustomerOwnedIpv4Pool", "FixedResponseActionStatusCode", "IpamPoolId", "RedirectActionProtocol",
        "TrustStoreName"))

CERTIFICATES = Service(
    "acm", "2015-12-08", "ACM", "AWS Certificate Manager",
    operations=(
        "AddTagsToCertificate", "DeleteCertificate", "DescribeCertificate", "GetCertificate", "ImportCertificate",
        "ListCertificates", "ListTagsForCertificate", "RemoveTagsFromCertificate"),
    unchecked=(
        "Arn", "CertificateBody", "CertificateChain", "DomainNameString", "NextToken", "PcaArn", "TagKey", "TagValue"))

SCALING = Service(
    "application-autoscaling", "2016-02-06", "Scaling", "Application Auto Scaling",
    unchecked=("AmazonResourceName", "PolicyName", "ScheduledActionName", "TagMap"))

METRICS = Service(
    "cloudwatch", "2010-08-01", "CloudWatch", "CloudWatch",
    operations=(
        "DeleteAlarms", "DescribeAlarmHistory", "DescribeAlarms", "DescribeAlarmsForMetric", "DisableAlarmActions",
        "EnableAlarmActions", "GetMetricData", "GetMetricStatistics", "ListMetrics", "ListTagsForResource",
        "PutCompositeAlarm", "PutMetricAlarm", "PutMetricData", "SetAlarmState", "TagResource", "UntagResource"),
    unchecked=("ContributorAttributes", "EntityAttributesMap", "EntityKeyAttributesMap", "Namespace"))

LOGS = Service(
    "logs", "2014-03-28", "Logs", "CloudWatch Logs",
    operations=(
        "CreateLogGroup", "CreateLogStream", "DeleteLogGroup", "DeleteLogStream", "DeleteRetentionPolicy",
        "DescribeLogGroups", "DescribeLogStreams", "FilterLogEvents", "GetLogEvents", "ListTagsForResource",
        "ListTagsLogGroup", "PutLogEvents", "PutLogGroupDeletionProtection", "PutRetentionPolicy", "TagLogGroup",
        "TagResource", "UntagLogGroup", "UntagResource"),
    unchecked=(
        "AccountId", "AmazonResourceName", "EntityAttributes", "EntityKeyAttributes", "LogGroupIdentifier",
        "LogStreamName", "Tags"))

ALL = (ECS, EVENTS, LOAD_BALANCING, CERTIFICATES, METRICS, LOGS, SCALING)
