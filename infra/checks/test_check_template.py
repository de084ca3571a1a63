"""Breaks template.yaml in every way that check_template.py is there to notice, and sees it noticed."""

import copy
import unittest
from pathlib import Path

import check_template
from check_template import Template, figures_of, load, problems, with_nested

ROOT = Path(__file__).parents[2]


def set_in(*path, to):
    def change(raw):
        for key in path[:-1]:
            raw = raw[key]
        raw[path[-1]] = to

    return change


def without(*path):
    def change(raw):
        for key in path[:-1]:
            raw = raw[key]
        del raw[path[-1]]

    return change


def prop(resource, *path):
    return ("Resources", resource, "Properties", *path)


def added(name, kind, **properties):
    return set_in("Resources", name, to={"Type": kind, "Properties": properties})


def statement(resource, index, **changes):
    return lambda raw: raw["Resources"][resource]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][
        index
    ].update(changes)


# check: what breaks it.
BROKEN = {
    "routes_ask_for_a_token": {
        "a route without authorizer": set_in(*prop("ViewOrder", "Events", "View", "Properties", "Auth"), to={"Authorizer": "NONE"}),
        "a route with a weaker authorizer": set_in(*prop("PayOrder", "Events", "Pay", "Properties", "Auth"), to={"Authorizer": "Other"}),
        "health behind a token": without(*prop("Health", "Events", "Ready", "Properties", "Auth")),
        "no default authorizer": without(*prop("Api", "Auth", "DefaultAuthorizer")),
        "a default authorizer that does not exist": set_in(*prop("Api", "Auth", "DefaultAuthorizer"), to="Nobody"),
        "tokens for any audience": set_in(*prop("Api", "Auth", "Authorizers", "Tokens", "JwtConfiguration", "audience"), to=[]),
        "tokens of any issuer": without(*prop("Api", "Auth", "Authorizers", "Tokens", "JwtConfiguration", "issuer")),
        "a route on an API that SAM makes up": without(*prop("ViewOrder", "Events", "View", "Properties", "ApiId")),
        "a route of a second API": set_in(*prop("ViewOrder", "Events", "View", "Type"), to="Api"),
        "two functions for one route": set_in(*prop("ViewProduct", "Events", "View", "Properties", "Path"), to="/api/products"),
        "a function with an address": set_in(*prop("ViewOrder", "FunctionUrlConfig"), to={"AuthType": "NONE"}),
    },
    "routes_are_throttled_and_logged": {
        "no throttling": without(*prop("Api", "DefaultRouteSettings")),
        "a limit for no route": set_in(*prop("Api", "RouteSettings", "GET /nowhere"), to={"ThrottlingBurstLimit": 1, "ThrottlingRateLimit": 1}),
        "an open route without a limit": without(*prop("Api", "RouteSettings", "GET /health")),
        "a limit above the others": set_in(*prop("Api", "RouteSettings", "GET /health", "ThrottlingRateLimit"), to=5000),
        "no access log": without(*prop("Api", "AccessLogSettings")),
        "an address in the log": set_in(*prop("Api", "AccessLogSettings", "Format"), to="$context.identity.sourceIp"),
    },
    "queues_have_dead_letters": {
        "a queue without one": without(*prop("NotifyQueue", "RedrivePolicy")),
        "one of another kind": without(*prop("RefundDeadLetters", "FifoQueue")),
        "a queue that forgets": without(*prop("RefundQueue", "MessageRetentionPeriod")),
        "one that forgets": set_in(*prop("RefundDeadLetters", "MessageRetentionPeriod"), to=345600),
        "a stream without one": without(*prop("Relay", "Events", "StoredEvents", "Properties", "DestinationConfig")),
        "a stream with a FIFO one": set_in(
            *prop("Relay", "Events", "StoredEvents", "Properties", "DestinationConfig", "OnFailure", "Destination"),
            to={"Fn::GetAtt": ["NotifyDeadLetters", "Arn"]},
        ),
        "a subscription without one": without(*prop("NotifySubscription", "RedrivePolicy")),
        "a chain of them": set_in(
            *prop("RefundDeadLetters", "RedrivePolicy"),
            to={"deadLetterTargetArn": {"Fn::GetAtt": ["NotifyDeadLetters", "Arn"]}, "maxReceiveCount": 4},
        ),
    },
    "queues_outwait_their_functions": {
        "a slow function": set_in(*prop("Refund", "Timeout"), to=51),
        "slow functions by default": set_in("Globals", "Function", "Timeout", to=11),
        "a hasty queue": set_in(*prop("NotifyQueue", "VisibilityTimeout"), to=59),
        "a window that eats the room": set_in(
            *prop("Notify", "Events", "PublishedEvents", "Properties", "MaximumBatchingWindowInSeconds"), to=1
        ),
        "somebody else's queue": set_in(*prop("Notify", "Events", "PublishedEvents", "Properties", "Queue"), to="arn:aws:sqs:…"),
    },
    "retries_are_as_required": {
        "a try too few": set_in(*prop("RefundQueue", "RedrivePolicy", "maxReceiveCount"), to=3),
        "nothing to spare": set_in(*prop("RefundQueue", "RedrivePolicy", "maxReceiveCount"), to=4),
        "a rush without an end": without(*prop("Refund", "Events", "InitiatedRefunds", "Properties", "ScalingConfig")),
        "another interval": set_in(*prop("RefundQueue", "VisibilityTimeout"), to=600),
        "a queue without a row": added("OddQueue", "AWS::SQS::Queue", RedrivePolicy={}),
        "a queue gone": without("Resources", "RefundQueue"),
        "L7 on another queue": added(
            "InventoryQueue", "AWS::SQS::Queue", VisibilityTimeout=60, RedrivePolicy={"maxReceiveCount": 5}
        ),
        "L8 on another queue": added(
            "FulfilQueue", "AWS::SQS::Queue", VisibilityTimeout=60, RedrivePolicy={"maxReceiveCount": 11}
        ),
    },
    "messages_keep_their_order": {
        "a standard topic": without(*prop("OrderEvents", "FifoTopic")),
        "one group for all": set_in(*prop("OrderEvents", "FifoThroughputScope"), to="Topic"),
        "a queue of low throughput": without(*prop("NotifyQueue", "FifoThroughputLimit")),
        "a standard queue": without(*prop("NotifyQueue", "FifoQueue")),
        "wrapped messages": without(*prop("RefundSubscription", "RawMessageDelivery")),
        "every type of message": without(*prop("RefundSubscription", "FilterPolicy")),
        "batches all or nothing": without(*prop("Notify", "Events", "PublishedEvents", "Properties", "FunctionResponseTypes")),
        "a shard read by two": set_in(*prop("Relay", "Events", "StoredEvents", "Properties", "ParallelizationFactor"), to=2),
        "every write relayed": without(*prop("Relay", "Events", "StoredEvents", "Properties", "FilterCriteria")),
    },
    "queues_take_from_the_topic_only": {
        "a queue for everyone": lambda raw: raw["Resources"]["RefundQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"][0].pop("Condition"),
        "a queue to read from": lambda raw: raw["Resources"]["RefundQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"][0].update(Action=["sqs:SendMessage", "sqs:ReceiveMessage"]),
        "no policy": without("Resources", "NotifyQueuePolicy"),
    },
    "roles_are_exact": {
        "all actions": statement("ViewOrderRole", 0, Action=["dynamodb:*"]),
        "many actions": statement("ViewOrderRole", 0, Action="dynamodb:Get*"),
        "all actions but one": statement("ViewOrderRole", 0, NotAction=["dynamodb:DeleteItem"]),
        "every resource": statement("ViewOrderRole", 0, Resource="*"),
        "every resource but one": statement("ViewOrderRole", 0, NotResource="arn:aws:dynamodb:…"),
        "a shared role": set_in(*prop("ViewOrder", "Role"), to={"Fn::GetAtt": ["ListOrdersRole", "Arn"]}),
        "a role from elsewhere": set_in(*prop("ViewOrder", "Role"), to="arn:aws:iam::1:role/admin"),
        "policies beside the role": set_in(*prop("ViewOrder", "Policies"), to=["AdministratorAccess"]),
        "a borrowed policy": set_in(*prop("ViewOrderRole", "ManagedPolicyArns"), to=["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
        "all documents": statement("SettleLabelsRole", -1, Resource="*"),
        "anyone": lambda raw: raw["Resources"]["NotifyQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"][0].update(Principal="*"),
    },
    "roles_serve_their_triggers": {
        "a queue that cannot be read": statement("NotifyRole", 0, Action=["sqs:ReceiveMessage", "sqs:DeleteMessage"]),
        "somebody else's queue": statement("NotifyRole", 0, Resource={"Fn::GetAtt": ["RefundQueue", "Arn"]}),
        "a queue to write to": statement("NotifyRole", 0, Action=["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:SendMessage"]),
        "a stream without dead letters": statement("RelayRole", 1, Resource={"Fn::GetAtt": ["AlertDeadLetters", "Arn"]}),
        "somebody else's logs": statement("ViewOrderRole", -1, Resource={"Fn::GetAtt": ["PlatformLogs", "Arn"]}),
        "no logs": statement("ViewOrderRole", -1, Action=["logs:CreateLogStream"]),
    },
    "roles_allow_the_calls_that_are_wired": {
        "a topic that is not its own": statement("RelayRole", 2, Resource={"Ref": "LowStock"}),
        "more on its topic": statement("RelayRole", 2, Action=["sns:Publish", "sns:Subscribe"]),
        "a secret without need": statement("ViewOrderRole", 0, Action=["secretsmanager:GetSecretValue"], Resource={"Ref": "StripeSecretArn"}),
        "a message without need": statement("ViewOrderRole", 0, Action=["ses:SendEmail"], Resource="arn:aws:ses:x:1:identity/a"),
        "no secret": lambda raw: raw["Resources"]["RefundRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"].pop(4),
        "no e-mail": statement("NotifyRole", 3, Action=["ses:SendRawEmail"]),
        "documents without need": statement("ViewOrderRole", 0, Action=["s3:GetObject"], Resource={"Fn::Sub": "${DocumentsBucket.Arn}/labels/*"}),
        "all of a bucket": statement("HandleLabelsRole", 2, Resource={"Fn::Sub": "${DocumentsBucket.Arn}/*"}),
    },
    "releases_can_be_taken_back": {
        "no alias": without("Globals", "Function", "AutoPublishAlias"),
        "a canary always": set_in("Globals", "Function", "DeploymentPreference", "Enabled", to=True),
        "a canary by default": set_in("Parameters", "Canary", "Default", to="true"),
        "a canary that nothing watches": without("Globals", "Function", "DeploymentPreference", "Alarms"),
        "a canary without alarms": without("Rules", "CanaryNeedsAlarms"),
        "a function that parameters do not reach": without(*prop("Notify", "AutoPublishCodeSha256")),
        "a function of its own way": set_in(*prop("Notify", "DeploymentPreference"), to={"Type": "AllAtOnce"}),
    },
    "what_matters_is_watched": {
        "an alarm that tells nobody": without(*prop("ApiErrorsAlarm", "AlarmActions")),
        "an alarm without a word on silence": without(*prop("ApiErrorsAlarm", "TreatMissingData")),
        "silence that nobody hears": without(*prop("SweepErrorsAlarm", "InsufficientDataActions")),
        "no errors": without("Resources", "ApiErrorsAlarm"),
        "the mean instead of P95": set_in(*prop("ApiLatencyAlarm", "ExtendedStatistic"), to="p50"),
        "no throttles": without("Resources", "ThrottlesAlarm"),
        "no sweep": without("Resources", "SweepErrorsAlarm"),
        "labels that nobody settles": without("Resources", "SettleLabelsErrorsAlarm"),
        "no refunds": without("Resources", "RefundErrorsAlarm"),
        "no stuck orders": without("Resources", "StuckOrdersAlarm"),
        "no low stock": without("Resources", "LowStockAlarm"),
        "a dead-letter queue unseen": without("Resources", "ScreenDeadLettersAlarm"),
        "a queue unseen": without("Resources", "NotifyAgeAlarm"),
        "refused messages unseen": without("Resources", "MessagesRefusedAlarm"),
        "a stream unseen": without("Resources", "AlertStockAgeAlarm"),
        "a metric that nobody writes": set_in(*prop("StuckOrdersAlarm", "MetricName"), to="stuck_order"),
        "a dimension that nobody writes": set_in(*prop("RefundErrorsAlarm", "Dimensions"), to=[]),
    },
    "shared_logs_are_told_apart": {
        "lines of any function": set_in(*prop("PaymentErrors", "FilterPattern"), to='{ $.level = "ERROR" }'),
        "lines that are in another group": set_in(*prop("PaymentErrors", "LogGroupName"), to={"Ref": "OrderingLogs"}),
        "lines of nobody": set_in(*prop("PaymentErrors", "FilterPattern"), to='{ $.span.function = "callback" }'),
    },
    "nested_stacks_only_watch": {
        "a queue out of the local cloud's sight": set_in("Resources", "ThrottlesAlarm", "Type", to="AWS::SQS::Queue"),
        "a canary that waits for what is elsewhere": lambda raw: raw["Globals"]["Function"]["DeploymentPreference"]["Alarms"].append(
            {"Ref": "ThrottlesAlarm"}
        ),
    },
    "alarms_are_explained": {
        "an alarm without a section": lambda raw: raw["Resources"].update(OddAlarm=raw["Resources"]["LowStockAlarm"]),
        "a section without an alarm": without("Resources", "LowStockAlarm"),
    },
    "the_business_sees_itself": {
        "a figure that is not shown": lambda raw: raw["Resources"]["Dashboard"]["Properties"].update(DashboardBody="{}"),
    },
    "logs_end": {
        "logs for ever": without(*prop("PlatformLogs", "RetentionInDays")),
        "a log group of its own": without(*prop("Relay", "LoggingConfig")),
        "a log group of another context": set_in(*prop("Relay", "LoggingConfig", "LogGroup"), to={"Ref": "MessagingLogs"}),
        "a log group that holds no functions' logs": set_in(*prop("Relay", "LoggingConfig", "LogGroup"), to={"Ref": "ApiLogs"}),
        "a log group of another name": set_in(*prop("PlatformLogs", "LogGroupName"), to="/aws/lambda/platform"),
    },
    "data_is_encrypted": {
        "a table by a key that is paid for": set_in(*prop("OrdersTable", "SSESpecification"), to={"SSEEnabled": True}),
        "a topic": without(*prop("OrderEvents", "KmsMasterKeyId")),
        "a queue": set_in(*prop("RelayDeadLetters", "SqsManagedSseEnabled"), to=False),
        "a key of one's own": set_in(*prop("OrderEvents", "KmsMasterKeyId"), to={"Ref": "Key"}),
    },
    "buckets_are_shut": {
        "a door": set_in(*prop("DocumentsBucket", "PublicAccessBlockConfiguration", "BlockPublicPolicy"), to=False),
        "no word on encryption": without(*prop("DocumentsBucket", "BucketEncryption")),
        "for ever": set_in(*prop("DocumentsBucket", "LifecycleConfiguration", "Rules", 0, "Status"), to="Disabled"),
        "gone with the stack": without("Resources", "DocumentsBucket", "DeletionPolicy"),
        "in the clear": without("Resources", "DocumentsPolicy"),
        "in the clear for some": lambda raw: raw["Resources"]["DocumentsPolicy"]["Properties"]["PolicyDocument"]["Statement"][0].update(Action="s3:GetObject"),
    },
    "tables_can_be_restored": {
        "no recovery": set_in(
            *prop("CatalogTable", "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"), to=False
        ),
        "no protection": without(*prop("OrdersTable", "DeletionProtectionEnabled")),
        "gone with the stack": without("Resources", "OrdersTable", "DeletionPolicy"),
        "gone with a replacement": set_in("Resources", "OrdersTable", "UpdateReplacePolicy", to="Delete"),
    },
    "secrets_stay_out": {
        "in a function": set_in(*prop("PaymentCallback", "Environment"), to={"Variables": {"WEBHOOK_SECRET": "x"}}),
        "in all functions": set_in("Globals", "Function", "Environment", "Variables", "API_KEY", to={"Ref": "Stage"}),
        "in a parameter": set_in("Parameters", "StripeApiKey", to={"Type": "String", "NoEcho": True}),
        "by its looks": set_in("Parameters", "ShopName", "Default", to="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        "resolved on deployment": set_in(*prop("Relay", "Environment", "Variables", "X"), to="{{resolve:ssm-secure:/a:1}}"),
    },
    "made_secrets_are_kept": {
        "written": set_in(*prop("LinkKeys", "SecretString"), to="x"),
        "of nothing": without(*prop("LinkKeys", "GenerateSecretString")),
        "under another key": without(*prop("LinkKeys", "KmsKeyId")),
        "gone with the stack": without("Resources", "LinkKeys", "DeletionPolicy"),
        "gone with a replacement": set_in("Resources", "LinkKeys", "UpdateReplacePolicy", to="Delete"),
    },
    "nothing_costs_while_idle": {
        "another secret": added("More", "AWS::SecretsManager::Secret"),
        "warm functions": set_in(*prop("CreateOrder", "ProvisionedConcurrencyConfig"), to={"ProvisionedConcurrentExecutions": 1}),
        "all functions warm": set_in("Globals", "Function", "ProvisionedConcurrencyConfig", to={}),
        "provisioned capacity": set_in(*prop("OrdersTable", "BillingMode"), to="PROVISIONED"),
        "a key": added("Key", "AWS::KMS::Key"),
        "a gateway": added("Nat", "AWS::EC2::NatGateway"),
        "an endpoint": added("Endpoint", "AWS::EC2::VPCEndpoint"),
        "a database": added("Database", "AWS::RDS::DBInstance"),
        "functions in a network": set_in("Globals", "Function", "VpcConfig", to={}),
        "another schedule": added("Relay", "AWS::Serverless::Function", Events={"E": {"Type": "Schedule", "Properties": {"Schedule": "rate(1 minute)"}}}),
        "a quicker schedule": set_in(*prop("CountOrders", "Events", "EveryQuarter", "Properties", "Schedule"), to="rate(1 minute)"),
        "metrics of every route": set_in(*prop("Api", "DefaultRouteSettings", "DetailedMetricsEnabled"), to=True),
        "an alarm for ever": without("Resources", "ApiErrorsAlarm", "Condition"),
        "a dashboard for ever": without("Resources", "Dashboard", "Condition"),
        "an alarm on sums": set_in(*prop("ApiErrorsAlarm", "Metrics"), to=[]),
        "too many alarms": lambda raw: raw["Resources"].update({f"A{n}": raw["Resources"]["ApiErrorsAlarm"] for n in range(10)}),
    },
    "functions_are_packages": {
        "a function without package": set_in(*prop("Relay", "CodeUri"), to="target/lambda/relays/"),
        "a package without function": without("Resources", "Relay"),
        "code from elsewhere": set_in(*prop("Relay", "CodeUri"), to="s3://bucket/relay.zip"),
        "another name": lambda raw: raw["Resources"].update(Publisher=raw["Resources"].pop("Relay")),
    },
    "everything_is_tagged": {
        "a table": without(*prop("OrdersTable", "Tags")),
        "users": without(*prop("UserPool", "UserPoolTags")),
        "what watches": without(*prop("Observability", "Tags")),
        "functions": without("Globals", "Function", "Tags"),
    },
    "accounts_are_guarded": {
        "short passwords": set_in(*prop("UserPool", "Policies", "PasswordPolicy", "MinimumLength"), to=8),
        "one factor": without(*prop("UserPool", "MfaConfiguration")),
        "self-made sellers": set_in(*prop("UserPoolClient", "WriteAttributes"), to=["email", "custom:seller_id"]),
        "any attribute": without(*prop("UserPoolClient", "WriteAttributes")),
        "a client secret": set_in(*prop("UserPoolClient", "GenerateSecret"), to=True),
        "account guessing": without(*prop("UserPoolClient", "PreventUserExistenceErrors")),
        "a role gone": without("Resources", "SellerGroup"),
    },
}


class CheckTemplate(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.template = Template.of_repository(ROOT)

    def notices(self, check, change):
        broken = copy.deepcopy(self.template)
        change(broken.raw)
        return any(getattr(check_template, check)(broken))

    def test_the_template_as_it_is_breaks_no_promise(self):
        self.assertEqual(problems(self.template), [])

    def test_every_break_is_noticed_by_its_check(self):
        for check, breaks in BROKEN.items():
            for name, change in breaks.items():
                with self.subTest(f"{check}: {name}"):
                    self.assertTrue(self.notices(check, change))

    def test_a_figure_by_an_id_and_one_that_nobody_writes_are_noticed(self):
        odd = copy.deepcopy(self.template)
        odd.figures.update(figures_of('line.figure("order_value", Unit::None, 1).by(&["order_id"]);'))
        del odd.figures["active_orders"]
        found = [problem for check, problem in problems(odd) if check == "the_business_sees_itself"]
        self.assertEqual(found, ["nobody writes active_orders", "order_value is kept apart by order_id"])

    def test_a_call_that_is_wired_and_not_allowed_is_noticed(self):
        odd = copy.deepcopy(self.template)
        odd.wirings["view-order"] += "Relay::new(world.bus()?)"
        self.assertIn(
            ("roles_allow_the_calls_that_are_wired", "ViewOrder calls sns:Publish on OrderEvents and may not"), problems(odd)
        )

    def test_what_is_nested_is_checked_with_what_its_parameters_stand_for(self):
        alarm = self.template.raw["Resources"]["RefundDeadLettersAlarm"]
        self.assertEqual(alarm["Condition"], "Monitored")
        self.assertEqual(
            alarm["Properties"]["Dimensions"], [{"Name": "QueueName", "Value": {"Fn::GetAtt": ["RefundDeadLetters", "QueueName"]}}]
        )
        self.assertIn("${RefundDeadLetters.QueueName}", self.template.raw["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])
        self.assertEqual(self.template.nested["RefundDeadLettersAlarm"], "Observability")

    def test_a_nested_stack_that_does_not_fit_is_refused(self):
        for name, change in {
            "a parameter too few": without(*prop("Observability", "Parameters", "Relay")),
            "a parameter too many": set_in(*prop("Observability", "Parameters", "Sweep"), to={"Ref": "Sweep"}),
            "a name that is taken": added("LowStockAlarm", "AWS::SNS::Topic"),
        }.items():
            raw = load(ROOT / "template.yaml")
            change(raw)
            with self.subTest(name), self.assertRaises(ValueError):
                with_nested(raw, ROOT)

    def test_a_function_that_no_table_names_is_noticed(self):
        odd = copy.deepcopy(self.template)
        del odd.contexts["relay"]
        self.assertIn(("logs_end", "Relay belongs to None and writes to PlatformLogs"), problems(odd))

    def test_a_function_with_its_binary_in_another_context_is_noticed(self):
        odd = copy.deepcopy(self.template)
        odd.packages["relay"] = "payments"
        self.assertIn(("functions_are_packages", "Relay has its row in platform and its binary in payments"), problems(odd))

    def test_every_check_is_broken_at_least_once(self):
        self.assertEqual({check.__name__ for check in check_template.CHECKS}, BROKEN.keys())


if __name__ == "__main__":
    unittest.main()
