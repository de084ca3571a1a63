"""What template.yaml, with the stack inside it, promises and no general linter knows.

Each check is a function that takes the template and yields one sentence per broken promise; its doc string says the
promise. `test_check_template.py` breaks every one of them once and sees the check notice.

    python3 check_template.py [path of the repository]
"""

import copy
import re
import sys
from pathlib import Path

import yaml

# Routes that anyone may call: monitors have no token, payment providers and carriers prove themselves, and a signed link is its
# own proof (O11).
OPEN_ROUTES = {
    "GET /api/track/{token}",
    "GET /health",
    "GET /health/ready",
    "POST /api/carriers/callback/{carrier}",
    "POST /api/payments/callback/{provider}",
}

# Queue: (requirement, retries, seconds between them, receives to spare). The rows L6-L8 are fixed, the others are our choice.
RETRIES = {
    "PaymentQueue": ("L6", 3, 5 * 60, 1),
    "RefundQueue": ("L6", 3, 5 * 60, 1),
    "InventoryQueue": ("L7", 5, 60, 0),
    "FulfilQueue": ("L8", 10, 15 * 60, 0),
    "NotifyQueue": ("I1", 5, 60, 0),
    "ScreenQueue": ("A14", 5, 60, 0),
}
# AWS asks for no fewer: Lambda gives back untouched what it has no concurrency for, and that counts as received.
MIN_RECEIVES = 5
REQUIRED_QUEUES = {"PaymentQueue", "RefundQueue", "NotifyQueue", "ScreenQueue", "FulfilQueue"}

# Topics that people subscribe to by e-mail, which knows no order.
READ_BY_PEOPLE = {"LowStock", "OperatorAlarms"}

# Topics that CloudWatch publishes to, which cannot use the key of AWS: names of queues and counts.
COUNTS_ONLY = {"OperatorAlarms"}

# AWS asks for this much room, so that a message never reappears while a slow batch is still being worked on.
VISIBILITY_FACTOR = 6
DEFAULT_VISIBILITY_SECONDS = 30
DEFAULT_TIMEOUT_SECONDS = 3
RETENTION_SECONDS = 14 * 24 * 60 * 60

# Everything the template may hold. A type that is not here has to be looked up first: does it cost while nobody orders?
FREE_WHILE_IDLE = {
    "AWS::Serverless::Function",
    "AWS::Serverless::HttpApi",
    "AWS::IAM::Role",
    # What lies in a bucket is paid for like what lies in tables.
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::Logs::LogGroup",
    "AWS::DynamoDB::Table",
    "AWS::SNS::Topic",
    "AWS::SNS::Subscription",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::Logs::MetricFilter",
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolGroup",
    "AWS::CloudFormation::Stack",
    "AWS::SES::ConfigurationSet",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::ApiGatewayV2::ApiMapping",
}
# What a stack inside the stack may hold: the local cloud passes it over, so it must do nothing but watch.
WATCHES = {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::Logs::MetricFilter"}
# What has a standing price all the same, and can be switched off by the parameter Monitoring.
STANDING_PRICES = {
    "AWS::CloudWatch::Alarm": "0.10 $ a month for each metric watched, after the first ten of an account",
    "AWS::CloudWatch::Dashboard": "3 $ a month, after the first three of an account",
}
# The only secret that the template makes, and what it costs: providers' and carriers' keys come from elsewhere.
MADE_SECRETS = {"LinkKeys": "0.40 $ a month"}
MAX_ALARMS = 30
# Schedules run also while nobody orders. Runs a month x (invocation, 50 ms of 256 MB, reads of an empty index).
STANDING_RUNS = {
    "Sweep": ("rate(1 minute)", "43,800 runs, less than 0.15 $ a month beyond the free tier"),
    "ForgetMethods": ("rate(15 minutes)", "2,920 runs, less than 0.01 $ a month"),
    "CountOrders": ("rate(15 minutes)", "2,920 runs, less than 0.01 $ a month"),
    "SettleLabels": ("rate(5 minutes)", "8,760 runs, less than 0.02 $ a month"),
    "PollParcels": ("rate(15 minutes)", "2,920 runs, less than 0.01 $ a month"),
}

# Settings that turn a free resource into one with a standing price.
COSTS_WHILE_IDLE = {
    "ProvisionedConcurrencyConfig",
    "ProvisionedPollerConfig",
    "ProvisionedThroughput",
    "WarmThroughput",
    "VpcConfig",
    # A metric for each route, paid for while it has calls; the functions' own metrics say the same.
    "DetailedMetricsEnabled",
}

# Metrics that a business knows itself by (P4).
BUSINESS_METRICS = {
    "orders_created_total",
    "orders_completed_total",
    "orders_cancelled_total",
    "order_processing_duration",
    "order_value",
    "active_orders",
}
# What metrics may be kept apart by: few values, and never an id (each value is a metric, and is paid for).
DIMENSIONS = {"function", "currency"}
# What must be watched, beside every dead-letter queue and every stream: (namespace, metric, statistic).
WATCHED = {
    ("own", "ApiErrors", "Sum"),
    ("AWS/SES", "Reputation.BounceRate", "Maximum"),
    ("AWS/SES", "Reputation.ComplaintRate", "Maximum"),
    ("AWS/SNS", "SMSMonthToDateSpentUSD", "Maximum"),
    ("AWS/ApiGateway", "Latency", "p95"),
    ("AWS/Lambda", "Throttles", "Sum"),
    ("AWS/Lambda", "Errors", "Sum"),
    ("AWS/SNS", "NumberOfMessagesPublished", "Sum"),
    ("own", "errors", "Sum"),
    ("own", "stuck_orders", "Maximum"),
    ("own", "agenda_lag", "Maximum"),
    ("own", "labels_in_doubt", "Sum"),
    ("own", "publish_lag", "Maximum"),
    ("own", "PaymentErrors", "Sum"),
    ("own", "messages_refused", "Sum"),
}

# What nobody would miss at once, and what holds stock or money while it does not run.
MUST_RUN = {"Sweep", "SettleLabels"}

# What a function takes from its world (`wired`) beside tables, and what that calls. The tables are compared with what
# handlers were seen to do by tests/it.
CALLS = {
    "world.bus()": {("sns:Publish", "OrderEvents")},
    "world.probes()": {("sns:GetTopicAttributes", "OrderEvents")},
    "world.alerts()": {("sns:Publish", "LowStock")},
    "world.messenger()": {
        ("ses:SendEmail", "an identity"),
        ("ses:SendEmail", "a configuration set"),
        ("sns:Publish", "anything but a topic"),
    },
    "world.link_keys()": {("secretsmanager:GetSecretValue", "LinkKeys"), ("kms:Decrypt", "SecretsKeyArn")},
    "world.gateways()": {
        ("secretsmanager:GetSecretValue", "StripeSecretArn"),
        ("secretsmanager:GetSecretValue", "PayPalSecretArn"),
        ("kms:Decrypt", "SecretsKeyArn"),
    },
    "world.carriers()": {
        ("secretsmanager:GetSecretValue", "FedExSecretArn"),
        ("secretsmanager:GetSecretValue", "UpsSecretArn"),
        ("secretsmanager:GetSecretValue", "DhlSecretArn"),
        ("kms:Decrypt", "SecretsKeyArn"),
    },
    "world.documents()": {("s3:PutObject", "DocumentsBucket")},
    # A link reads what the one who has signed it may read.
    "ViewLabel::new(": {("s3:GetObject", "DocumentsBucket")},
    "world.trackers()": {
        ("secretsmanager:GetSecretValue", "FedExSecretArn"),
        ("secretsmanager:GetSecretValue", "UpsSecretArn"),
        ("secretsmanager:GetSecretValue", "DhlSecretArn"),
        ("kms:Decrypt", "SecretsKeyArn"),
    },
}

TAGS = {"service", "stage"}
TAGGED_TYPES = {
    "AWS::IAM::Role",
    "AWS::Logs::LogGroup",
    "AWS::DynamoDB::Table",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::Cognito::UserPool",
    "AWS::CloudFormation::Stack",
    "AWS::SecretsManager::Secret",
}

SECRET_NAME = re.compile(r"SECRET|PASSWORD|PASSPHRASE|TOKEN|CREDENTIAL|PRIVATE|API_?KEY|SIGNING_?KEY", re.IGNORECASE)
SECRET_REFERENCE = re.compile(r"(_(ARN|NAME|PATH|REF|PARAMETER)|[a-z]Arn)$")
SECRET_VALUE = re.compile(
    r"AKIA[0-9A-Z]{16}|whsec_\w|sk_(live|test)_\w|-----BEGIN|\{\{resolve:(ssm-secure|secretsmanager)|[0-9a-f]{32}"
)


# ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms, read into their long ones."""


def _intrinsic(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


Loader.add_multi_constructor("!", _intrinsic)


def load(path):
    return yaml.load(Path(path).read_text(encoding="utf-8"), Loader)


def with_nested(raw, folder):
    """The template with what stands in its nested stacks, as if it stood in the template itself, and the names of that."""
    whole, nested = copy.deepcopy(raw), {}
    for name, stack in raw["Resources"].items():
        if stack["Type"] != "AWS::CloudFormation::Stack":
            continue
        inner, given = load(Path(folder) / stack["Properties"]["TemplateURL"]), stack["Properties"].get("Parameters", {})
        if inner.keys() - {"AWSTemplateFormatVersion", "Description", "Parameters", "Resources"}:
            raise ValueError(f"{name} has more than parameters and resources")
        if inner["Parameters"].keys() != given.keys():
            raise ValueError(f"{name} is not given the parameters that it asks for")
        for inner_name, resource in inner["Resources"].items():
            if inner_name in whole["Resources"]:
                raise ValueError(f"{inner_name} is there twice")
            whole["Resources"][inner_name] = handed_in(resource, given)
            # It is there when its stack is.
            if "Condition" in stack:
                whole["Resources"][inner_name]["Condition"] = stack["Condition"]
            nested[inner_name] = name
    return whole, nested


def handed_in(value, given):
    """A value of a nested stack with what its parameters stand for."""
    if isinstance(value, dict):
        if value.keys() == {"Ref"}:
            return given.get(value["Ref"], value)
        if isinstance(value.get("Fn::Sub"), str):
            return {"Fn::Sub": re.sub(r"\$\{(\w+)\}", lambda name: f"${{{path(given[name[1]])}}}", value["Fn::Sub"])}
        return {key: handed_in(v, given) for key, v in value.items()}
    if isinstance(value, list):
        return [handed_in(v, given) for v in value]
    return value


def path(reference):
    """`X` for !Ref X, `X.Name` for !GetAtt X.Name."""
    return reference["Ref"] if "Ref" in reference else ".".join(reference["Fn::GetAtt"])


# Where each context has a folder with the table of its functions.
TABLES = "functions"


def contexts_of(root):
    """Every function's context, as the tables say."""
    tables = sorted((Path(root) / TABLES).glob("*/functions.yaml"))
    return {package: table.parent.name for table in tables for package in load(table)}


# Where figures are told.
FIGURE_SOURCES = ("shared/app/src", "shared/runtime/src")


def figures_of(text):
    """Every metric that a source file tells, with what it is kept apart by."""
    for name, rest in re.findall(r'\.figure\(\s*"(\w+)"(.*?)(?=\.figure\(|;|\Z)', text, re.DOTALL):
        apart = re.search(r"\.by\(&\[([^\]]*)\]", rest)
        yield name, set(re.findall(r"\w+", apart.group(1))) if apart else set()


class Template:
    def __init__(self, raw, packages, wirings=None, figures=None, runbook="", nested=None, contexts=None):
        self.raw = raw
        # Binary: the context whose crate has it.
        self.packages = packages
        # Binary: the text of the module that its world is handed to.
        self.wirings = wirings or {}
        # Metric: the facts that it is kept apart by, as the sources say.
        self.figures = figures or {}
        self.runbook = runbook
        # Resource: the nested stack that it stands in.
        self.nested = nested or {}
        # Package: its context.
        self.contexts = contexts or {}

    @classmethod
    def of_repository(cls, root):
        root = Path(root)
        # Binary: the crate of its context.
        binaries = {b.stem: b.parents[2] for b in (root / "functions").glob("*/src/bin/*.rs")}
        modules = {b: crate / "src" / f"{b.replace('-', '_')}.rs" for b, crate in binaries.items()}
        wirings = {b: module.read_text(encoding="utf-8") for b, module in modules.items()}
        sources = [f.read_text(encoding="utf-8") for folder in FIGURE_SOURCES for f in (root / folder).rglob("*.rs")]
        runbook = root / "docs" / "operations.md"
        raw, nested = with_nested(load(root / "template.yaml"), root)
        return cls(
            raw,
            {binary: crate.name for binary, crate in binaries.items()},
            wirings,
            dict(found for text in sources for found in figures_of(text)),
            runbook.read_text(encoding="utf-8") if runbook.exists() else "",
            nested,
            contexts_of(root),
        )

    def resources(self, *types):
        for name, resource in self.raw["Resources"].items():
            if not types or resource["Type"] in types:
                yield name, resource.get("Properties", {})

    def of_type(self, *types):
        return dict(self.resources(*types))

    def function_setting(self, properties, key, default=None):
        return properties.get(key, self.raw.get("Globals", {}).get("Function", {}).get(key, default))

    def events(self, *types):
        for name, properties in self.resources("AWS::Serverless::Function"):
            for event_name, event in properties.get("Events", {}).items():
                if event["Type"] in types:
                    yield name, event_name, event.get("Properties", {})

    def statements(self):
        """Every policy statement, with the resource it stands in."""
        for name, properties in self.resources():
            for _, document in find(properties, "PolicyDocument"):
                for statement in listed(document["Statement"]):
                    # A statement that is only there under a condition is judged as if it were.
                    yield name, statement["Fn::If"][1] if "Fn::If" in statement else statement


def referred(value):
    """The logical id behind !Ref X or !GetAtt X.Arn."""
    if isinstance(value, dict):
        if "Ref" in value:
            return value["Ref"]
        if "Fn::GetAtt" in value:
            return value["Fn::GetAtt"][0]
    return None


def package_of(function):
    """The binary behind a function's CodeUri."""
    return str(function.get("CodeUri")).removeprefix("target/lambda/").strip("/")


def listed(value):
    return value if isinstance(value, list) else [value]


def find(value, key):
    """Every (key, value) below `value` whose key is `key`."""
    if isinstance(value, dict):
        for k, v in value.items():
            if k == key:
                yield k, v
            yield from find(v, key)
    elif isinstance(value, list):
        for v in value:
            yield from find(v, key)


def texts(value):
    if isinstance(value, dict):
        for v in value.values():
            yield from texts(v)
    elif isinstance(value, list):
        for v in value:
            yield from texts(v)
    elif isinstance(value, str):
        yield value


# ── The promises ─────────────────────────────────────────────────────────────────────────────────────────────────────


def routes_ask_for_a_token(t):
    """Every route has an authorizer except those that are open: health, callbacks, signed links (O11)."""
    apis = t.of_type("AWS::Serverless::HttpApi")
    for name, properties in apis.items():
        auth = properties.get("Auth", {})
        authorizer = auth.get("Authorizers", {}).get(auth.get("DefaultAuthorizer"))
        if not authorizer:
            yield f"{name} has no default authorizer"
            continue
        jwt = authorizer.get("JwtConfiguration", {})
        for key in ("issuer", "audience"):
            if not jwt.get(key):
                yield f"the default authorizer of {name} accepts any {key}"
    seen = set()
    for function, event_name, event in t.events("HttpApi"):
        route = f"{event.get('Method')} {event.get('Path')}"
        if referred(event.get("ApiId")) not in apis:
            yield f"{function}.{event_name} belongs to no API of this template"
        if route in seen:
            yield f"{route} is served twice"
        seen.add(route)
        authorizer = event.get("Auth", {}).get("Authorizer")
        if authorizer is not None and route not in OPEN_ROUTES:
            yield f"{route} replaces the default authorizer by {authorizer}"
        if authorizer != "NONE" and route in OPEN_ROUTES:
            yield f"{route} asks for a token that its callers cannot have"
    for function, event_name, _ in t.events("Api"):
        yield f"{function}.{event_name} would make a second, unguarded API: use HttpApi"
    for name, properties in t.resources("AWS::Serverless::Function"):
        if "FunctionUrlConfig" in properties:
            yield f"{name} has an address of its own beside the API"


def routes_are_throttled_and_logged(t):
    """The API has throttling, less of it where a call is costly or open, and access logs that name no caller (O15)."""
    routes = {f"{event.get('Method')} {event.get('Path')}" for _, _, event in t.events("HttpApi")}
    for name, properties in t.resources("AWS::Serverless::HttpApi"):
        throttle = properties.get("DefaultRouteSettings", {})
        if not (throttle.get("ThrottlingBurstLimit") and throttle.get("ThrottlingRateLimit")):
            yield f"{name} is not throttled"
        own = properties.get("RouteSettings", {})
        for route in sorted(own.keys() - routes):
            yield f"{name} throttles {route}, which is no route"
        for route in sorted(OPEN_ROUTES & routes - own.keys()):
            yield f"{route} is open to anyone and has no limit of its own"
        for route, limit in own.items():
            for key in ("ThrottlingBurstLimit", "ThrottlingRateLimit"):
                if not 0 < limit.get(key, 0) <= throttle.get(key, 0):
                    yield f"{route} is not throttled more than the others by {key}"
        logs = properties.get("AccessLogSettings", {})
        if referred(logs.get("DestinationArn")) not in t.of_type("AWS::Logs::LogGroup"):
            yield f"{name} writes no access log"
        for personal in ("sourceIp", "userAgent", "authorizer.claims", "context.path"):
            if personal in str(logs.get("Format", "")):
                yield f"the access log of {name} holds {personal}"


def queues_have_dead_letters(t):
    """Every queue keeps 14 days what it holds and has a dead-letter queue of its own kind, unless it is one; so has the
    stream (O10)."""
    queues = t.of_type("AWS::SQS::Queue")
    dead = {referred(target) for _, p in t.resources() for _, target in find(p, "deadLetterTargetArn")}
    dead |= {referred(d.get("Destination")) for _, p in t.resources() for _, d in find(p, "OnFailure")}
    for name, properties in queues.items():
        redrive = properties.get("RedrivePolicy")
        if properties.get("MessageRetentionPeriod") != RETENTION_SECONDS:
            yield f"{name} keeps its messages for less than 14 days"
        if name in dead:
            if redrive:
                yield f"{name} is a dead-letter queue and moves its messages on"
            continue
        target = referred((redrive or {}).get("deadLetterTargetArn"))
        if target not in queues:
            yield f"{name} has no dead-letter queue"
        elif bool(queues[target].get("FifoQueue")) != bool(properties.get("FifoQueue")):
            yield f"{name} and its dead-letter queue {target} are not of one kind"
    for function, event_name, event in t.events("DynamoDB", "Kinesis"):
        destination = referred(event.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"))
        if destination not in queues:
            yield f"{function}.{event_name} loses what it cannot handle: no OnFailure queue"
        elif queues[destination].get("FifoQueue"):
            yield f"{function}.{event_name} cannot write to {destination}: it is a FIFO queue"
    for name, properties in t.resources("AWS::SNS::Subscription"):
        if referred(properties.get("RedrivePolicy", {}).get("deadLetterTargetArn")) not in queues:
            yield f"{name} loses what it cannot deliver: no dead-letter queue"


def queues_outwait_their_functions(t):
    """A queue hides a message for at least six times as long as its function may run."""
    queues = t.of_type("AWS::SQS::Queue")
    functions = t.of_type("AWS::Serverless::Function")
    for function, event_name, event in t.events("SQS"):
        queue = referred(event.get("Queue"))
        if queue not in queues:
            yield f"{function}.{event_name} reads a queue that is not in this template"
            continue
        visibility = queues[queue].get("VisibilityTimeout", DEFAULT_VISIBILITY_SECONDS)
        timeout = t.function_setting(functions[function], "Timeout", DEFAULT_TIMEOUT_SECONDS)
        window = event.get("MaximumBatchingWindowInSeconds", 0)
        if visibility < VISIBILITY_FACTOR * timeout + window:
            yield f"{queue} hides a message for {visibility} s, but {function} may run {timeout} s"


def retries_are_as_required(t):
    """Retries and their intervals are those of the requirements (L6-L8)."""
    queues = t.of_type("AWS::SQS::Queue")
    for name in sorted(REQUIRED_QUEUES - queues.keys()):
        yield f"{name} is missing"
    for name, properties in queues.items():
        if "RedrivePolicy" not in properties:
            continue
        if name not in RETRIES:
            yield f"{name} has no row in the retry table of check_template.py"
            continue
        row, retries, interval, spare = RETRIES[name]
        if properties.get("VisibilityTimeout") != interval:
            yield f"{name} waits {properties.get('VisibilityTimeout')} s, {row} asks for {interval} s"
        receives = properties["RedrivePolicy"].get("maxReceiveCount")
        if receives != retries + 1 + spare or receives < MIN_RECEIVES:
            yield f"{name} must be received {retries + 1 + spare} times for the {retries} retries of {row}"
    for function, event_name, event in t.events("SQS"):
        if not event.get("ScalingConfig", {}).get("MaximumConcurrency"):
            yield f"{function}.{event_name} takes all the concurrency that there is"


def messages_keep_their_order(t):
    """Topic and queues are FIFO in high-throughput mode; batches report each failure; a stream shard is read by one."""
    for name, properties in t.resources("AWS::SNS::Topic"):
        if name in READ_BY_PEOPLE:
            continue
        if not properties.get("FifoTopic") or properties.get("FifoThroughputScope") != "MessageGroup":
            yield f"{name} is not FIFO per message group"
    for name, properties in t.resources("AWS::SQS::Queue"):
        high = (properties.get("DeduplicationScope"), properties.get("FifoThroughputLimit"))
        if properties.get("FifoQueue") and high != ("messageGroup", "perMessageGroupId"):
            yield f"{name} is not in high-throughput mode"
    for name, properties in t.resources("AWS::SNS::Subscription"):
        queue = t.of_type("AWS::SQS::Queue").get(referred(properties.get("Endpoint")), {})
        if not queue.get("FifoQueue"):
            yield f"{name} delivers to a queue that keeps no order"
        if properties.get("RawMessageDelivery") is not True:
            yield f"{name} wraps its messages: they must arrive as they were published"
        if not properties.get("FilterPolicy", {}).get("type"):
            yield f"{name} has no filter on the event's type"
    for function, event_name, event in t.events("SQS", "DynamoDB"):
        if "ReportBatchItemFailures" not in event.get("FunctionResponseTypes", []):
            yield f"{function}.{event_name} repeats a whole batch for one failure"
    for function, event_name, event in t.events("DynamoDB"):
        if event.get("ParallelizationFactor", 1) != 1:
            yield f"{function}.{event_name} lets an order's events overtake one another"
        if not event.get("FilterCriteria", {}).get("Filters"):
            yield f"{function}.{event_name} is invoked for every write to the table"


def queues_take_from_the_topic_only(t):
    """What may send to a queue is the topic, and nothing in another account."""
    topics = t.of_type("AWS::SNS::Topic")
    guarded = set()
    for name, properties in t.resources("AWS::SQS::QueuePolicy"):
        guarded |= {referred(q) for q in properties["Queues"]}
        for statement in listed(properties["PolicyDocument"]["Statement"]):
            if statement.get("Effect") == "Deny":
                continue
            source = statement.get("Condition", {}).get("ArnEquals", {}).get("aws:SourceArn")
            if statement.get("Principal") != {"Service": "sns.amazonaws.com"} or referred(source) not in topics:
                yield f"{name} lets others than the topic in"
            if listed(statement.get("Action")) != ["sqs:SendMessage"]:
                yield f"{name} allows more than sending"
    for name, properties in t.resources("AWS::SNS::Subscription"):
        if referred(properties.get("Endpoint")) not in guarded:
            yield f"{name} may not deliver to its queue: no queue policy"


def roles_are_exact(t):
    """One role per function, named actions on named resources, nothing borrowed."""
    roles = t.of_type("AWS::IAM::Role")
    used = []
    for name, properties in t.resources("AWS::Serverless::Function"):
        role = referred(properties.get("Role"))
        if role not in roles:
            yield f"{name} has no role of its own in this template"
        if "Policies" in properties:
            yield f"{name} has policies beside its role"
        used.append(role)
    for name in roles:
        if used.count(name) != 1:
            yield f"{name} serves {used.count(name)} functions"
        if roles[name].get("ManagedPolicyArns"):
            yield f"{name} borrows a policy that others can change"
    for name, statement in t.statements():
        sid = f"{name}.{statement.get('Sid', '?')}"
        # What is denied may be denied to anyone, and as a whole.
        if statement.get("Effect") == "Deny":
            continue
        if "NotAction" in statement:
            yield f"{sid} allows all actions but some"
        for action in listed(statement.get("Action", [])):
            if "*" in str(action):
                yield f"{sid} allows {action}"
        if "*" in listed(statement.get("Resource", [])):
            yield f"{sid} allows it on everything"
        # A phone number has no ARN: the one permission that cannot name what it is for.
        if "NotResource" in statement and listed(statement.get("Action")) != ["sns:Publish"]:
            yield f"{sid} allows it on everything but some"
        if statement.get("Principal") == "*" or "*" in listed((statement.get("Principal") or {}).get("AWS", [])):
            yield f"{sid} lets anyone in"


def logs_end(t):
    """Every function writes to the log group of its context, and every log group has a retention."""
    groups = t.of_type("AWS::Logs::LogGroup")
    for name, properties in groups.items():
        if not properties.get("RetentionInDays"):
            yield f"{name} keeps its logs for ever"
    for name, properties in t.resources("AWS::Serverless::Function"):
        group = referred(properties.get("LoggingConfig", {}).get("LogGroup"))
        context = t.contexts.get(package_of(properties))
        if group not in groups:
            yield f"{name} makes a log group of its own, without retention"
        elif group != "".join(word.capitalize() for word in str(context).split("-")) + "Logs":
            yield f"{name} belongs to {context} and writes to {group}"
        elif groups[group].get("LogGroupName") != {"Fn::Sub": f"/aws/lambda/${{AWS::StackName}}-{context}"}:
            yield f"{group} is not called as the functions of {context} are"


def data_is_encrypted(t):
    """Tables, topic and queues are encrypted at rest (E7)."""
    for name, properties in t.resources("AWS::DynamoDB::Table"):
        if "SSESpecification" in properties:
            yield f"{name} is encrypted in KMS, which is paid for by the call; the key that AWS owns encrypts as well"
    for name, properties in t.resources("AWS::SNS::Topic"):
        if properties.get("KmsMasterKeyId") not in (None, "alias/aws/sns"):
            yield f"{name} is encrypted with a key that costs while idle"
        if not properties.get("KmsMasterKeyId") and name not in COUNTS_ONLY:
            yield f"{name} is not encrypted"
    for name, properties in t.resources("AWS::SQS::Queue"):
        if properties.get("SqsManagedSseEnabled") is not True:
            yield f"{name} is not encrypted, or by a key that the topic cannot use"


def buckets_are_shut(t):
    """Nobody else reads a bucket, nothing crosses the network in the clear, and what names people goes by itself (E7, E10)."""
    shut = {"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"}
    policies = t.of_type("AWS::S3::BucketPolicy")
    for name, properties in t.resources("AWS::S3::Bucket"):
        if not all(properties.get("PublicAccessBlockConfiguration", {}).get(door) is True for door in shut):
            yield f"{name} can be opened to the public"
        if "BucketEncryption" not in properties:
            yield f"{name} does not say how it is encrypted"
        rules = properties.get("LifecycleConfiguration", {}).get("Rules", [])
        if not any(rule.get("Status") == "Enabled" and rule.get("ExpirationInDays") for rule in rules):
            yield f"{name} keeps what it has for ever"
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            if t.raw["Resources"][name].get(policy) != "Retain":
                yield f"{name} is not retained by its {policy}"
        clear = {"Bool": {"aws:SecureTransport": "false"}}
        statements = [
            statement
            for policy in policies.values()
            if referred(policy.get("Bucket")) == name
            for statement in listed(policy["PolicyDocument"]["Statement"])
        ]
        if not any(
            s.get("Effect") == "Deny" and s.get("Principal") == "*" and s.get("Action") == "s3:*" and s.get("Condition") == clear
            for s in statements
        ):
            yield f"{name} answers in the clear"


def tables_can_be_restored(t):
    """Tables have point-in-time recovery and outlive both a mistake and the stack (O10, O16)."""
    for name, properties in t.resources("AWS::DynamoDB::Table"):
        recovery = properties.get("PointInTimeRecoverySpecification", {})
        if recovery.get("PointInTimeRecoveryEnabled") is not True:
            yield f"{name} has no point-in-time recovery"
        if properties.get("DeletionProtectionEnabled") is not True:
            yield f"{name} can be deleted"
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            if t.raw["Resources"][name].get(policy) != "Retain":
                yield f"{name} is not retained by its {policy}"


def secrets_stay_out(t):
    """No secret in a function's environment, a default or anywhere else in the file."""
    functions = [(name, properties) for name, properties in t.resources("AWS::Serverless::Function")]
    functions.append(("Globals", t.raw.get("Globals", {}).get("Function", {})))
    for name, properties in functions:
        for variable in properties.get("Environment", {}).get("Variables", {}):
            if SECRET_NAME.search(variable) and not SECRET_REFERENCE.search(variable):
                yield f"{name} carries {variable} in its environment: pass a reference to it"
    for name, parameter in t.raw.get("Parameters", {}).items():
        if SECRET_NAME.search(name) and not SECRET_REFERENCE.search(name):
            yield f"the parameter {name} would be stored with the stack"
    for text in texts(t.raw):
        if SECRET_VALUE.search(text):
            yield f"this looks like a secret: {text[:12]}…"


def made_secrets_are_kept(t):
    """A secret that the template makes is made up by AWS, outlives the stack, and lies under the shop's own key where it has one."""
    for name, properties in t.resources("AWS::SecretsManager::Secret"):
        if "SecretString" in properties or "GenerateSecretString" not in properties:
            yield f"{name} is written in the template"
        if properties.get("KmsKeyId") != {"Fn::If": ["HasSecretsKey", {"Ref": "SecretsKeyArn"}, {"Ref": "AWS::NoValue"}]}:
            yield f"{name} does not lie under the shop's own key"
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            if t.raw["Resources"][name].get(policy) != "Retain":
                yield f"{name} is not retained by its {policy}"


def nothing_costs_while_idle(t):
    """No resource and no setting has a price while nobody orders, except the alarms, the dashboard, the schedules and the secret named above."""
    if len(t.of_type("AWS::CloudWatch::Alarm")) > MAX_ALARMS:
        yield f"more than {MAX_ALARMS} alarms"
    for name, _, event in t.events("Schedule", "ScheduleV2"):
        if event.get("Schedule") != STANDING_RUNS.get(name, (None,))[0]:
            yield f"{name} runs by {event.get('Schedule')}, whoever orders"
    for name, resource in t.raw["Resources"].items():
        if resource["Type"] in STANDING_PRICES:
            if resource.get("Condition") != "Monitored":
                yield f"{name} cannot be switched off"
            if "Metrics" in resource["Properties"]:
                yield f"{name} watches several metrics, and each is paid for"
        elif resource["Type"] == "AWS::SecretsManager::Secret":
            if name not in MADE_SECRETS:
                yield f"{name} costs {MADE_SECRETS['LinkKeys']}, as each secret does"
        elif resource["Type"] not in FREE_WHILE_IDLE:
            yield f"{name}: {resource['Type']} may cost money while idle; if not, list it in check_template.py"
        for setting in COSTS_WHILE_IDLE:
            if any(find(resource.get("Properties", {}), setting)):
                yield f"{name} pays for {setting} while idle"
        if resource["Type"] == "AWS::DynamoDB::Table":
            if resource["Properties"].get("BillingMode") != "PAY_PER_REQUEST":
                yield f"{name} pays for capacity while idle"
    for setting in COSTS_WHILE_IDLE:
        if any(find(t.raw.get("Globals", {}), setting)):
            yield f"every function pays for {setting} while idle"


def functions_are_packages(t):
    """Template and functions/ name the same functions in the same contexts."""
    named = set()
    for name, properties in t.resources("AWS::Serverless::Function"):
        match = re.fullmatch(r"target/lambda/([a-z-]+)/", str(properties.get("CodeUri")))
        if not match:
            yield f"{name}: CodeUri is not target/lambda/<binary>/"
            continue
        package = match.group(1)
        named.add(package)
        if name != "".join(word.capitalize() for word in package.split("-")):
            yield f"{name} is not named as its package {package}"
        if package not in t.packages:
            yield f"{name}: there is no binary {package} in functions/"
        elif t.packages[package] != t.contexts.get(package):
            yield f"{name} has its row in {t.contexts.get(package)} and its binary in {t.packages[package]}"
    for package in sorted(t.packages.keys() - named):
        yield f"the binary {package} of functions/{t.packages[package]} is not in the template"


def everything_is_tagged(t):
    """Whatever can carry tags says which service and stage it belongs to."""
    for name, resource in t.raw["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] in TAGGED_TYPES:
            tags = properties.get("UserPoolTags") or {tag["Key"] for tag in properties.get("Tags", [])}
            if not TAGS <= set(tags):
                yield f"{name} lacks tags"
    for kind in ("Function", "HttpApi"):
        if not TAGS <= set(t.raw.get("Globals", {}).get(kind, {}).get("Tags", {})):
            yield f"Globals.{kind} lacks tags"


def accounts_are_guarded(t):
    """Passwords are long, a second factor is possible, and no client can make its user a seller (O13)."""
    for name, properties in t.resources("AWS::Cognito::UserPool"):
        if properties.get("Policies", {}).get("PasswordPolicy", {}).get("MinimumLength", 0) < 12:
            yield f"{name} takes short passwords"
        mfa = properties.get("MfaConfiguration")
        allowed = t.raw["Parameters"].get(mfa["Ref"], {}).get("AllowedValues", []) if isinstance(mfa, dict) else [mfa]
        if not allowed or set(allowed) - {"OPTIONAL", "ON"}:
            yield f"{name} has no second factor"
    for name, properties in t.resources("AWS::Cognito::UserPoolClient"):
        # Without a list a client may write every attribute.
        if "custom:seller_id" in properties.get("WriteAttributes", ["custom:seller_id"]):
            yield f"{name} lets users choose their seller_id"
        if properties.get("GenerateSecret"):
            yield f"{name} has a secret that a browser cannot keep"
        if properties.get("PreventUserExistenceErrors") != "ENABLED":
            yield f"{name} tells who has an account"
    groups = {p.get("GroupName") for _, p in t.resources("AWS::Cognito::UserPoolGroup")}
    for role in sorted({"customer", "seller", "admin"} - groups):
        yield f"there is no group {role}"


def roles_serve_their_triggers(t):
    """A role lets Lambda read what triggers its function and write its logs, and nothing more."""
    for name, properties in t.resources("AWS::Serverless::Function"):
        logs = referred(properties.get("LoggingConfig", {}).get("LogGroup"))
        asked = {("logs:CreateLogStream", logs), ("logs:PutLogEvents", logs)}
        for event in properties.get("Events", {}).values():
            source = event.get("Properties", {})
            if event["Type"] == "SQS":
                queue = referred(source.get("Queue"))
                asked |= {(f"sqs:{action}", queue) for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")}
            if event["Type"] == "DynamoDB":
                stream = referred(source.get("Stream"))
                for action in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"):
                    asked.add((f"dynamodb:{action}", stream))
                asked.add(("sqs:SendMessage", referred(source.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"))))
        allowed = {
            (action, referred(resource))
            for role, statement in t.statements()
            if role == referred(properties.get("Role")) and re.match("Trigger|Logs", statement.get("Sid", ""))
            for action in listed(statement["Action"])
            for resource in listed(statement["Resource"])
        }
        for action, resource in sorted(asked - allowed, key=str):
            yield f"{name} lacks {action} on {resource}"
        for action, resource in sorted(allowed - asked, key=str):
            yield f"{name} need not {action} on {resource}"


def roles_allow_the_calls_that_are_wired(t):
    """Beside its tables a function may call what its module takes from the world: topics, messages, secrets, each by name."""
    for name, properties in t.resources("AWS::Serverless::Function"):
        wiring = t.wirings.get(package_of(properties), "")
        asked = set().union(*(calls for call, calls in CALLS.items() if call in wiring))
        allowed = set()
        for role, statement in t.statements():
            if role != referred(properties.get("Role")) or re.match("Trigger|Logs", statement.get("Sid", "")):
                continue
            for action in listed(statement["Action"]):
                if str(action).startswith("dynamodb:"):
                    continue
                for resource in listed(statement.get("Resource", [])) or ["NotResource"]:
                    allowed.add((action, called(statement, resource)))
        for action, resource in sorted(asked - allowed, key=str):
            yield f"{name} calls {action} on {resource} and may not"
        for action, resource in sorted(allowed - asked, key=str):
            yield f"{name} may {action} on {resource} and never does"


def called(statement, resource):
    """What a resource of a statement is, in the words of CALLS. A function has a folder of a bucket, never all of it."""
    if "NotResource" in statement:
        return "anything but a topic"
    if ":identity/" in str(resource):
        return "an identity"
    if ":configuration-set/" in str(resource):
        return "a configuration set"
    if folder := re.fullmatch(r"\$\{(\w+)\.Arn\}/[a-z]+/\*", str(resource.get("Fn::Sub") if isinstance(resource, dict) else "")):
        return folder[1]
    return referred(resource)


def releases_can_be_taken_back(t):
    """Every release is a step of an alias; a canary is off unless it is asked for, and needs alarms."""
    general = t.raw.get("Globals", {}).get("Function", {})
    if not general.get("AutoPublishAlias"):
        yield "functions have no alias"
    preference = general.get("DeploymentPreference", {})
    if preference.get("Enabled") != {"Ref": "Canary"} or not preference.get("Alarms"):
        yield "a canary is not by the parameter Canary, or nothing watches it"
    if t.raw["Parameters"].get("Canary", {}).get("Default") != "false":
        yield "a canary is on by default: local clouds have no CodeDeploy"
    if "CanaryNeedsAlarms" not in t.raw.get("Rules", {}):
        yield "a canary may be without alarms"
    for name, properties in t.resources("AWS::Serverless::Function"):
        if properties.get("AutoPublishCodeSha256") != {"Ref": "Release"}:
            yield f"{name} is not published anew with a Release, so a changed parameter would not reach it"
        for key in ("AutoPublishAlias", "DeploymentPreference"):
            if key in properties:
                yield f"{name} has its own {key}"


def what_matters_is_watched(t):
    """Alarms exist whoever is told, act, and watch what must be watched: metrics that somebody writes."""
    seen = set()
    own = {"Ref": "AWS::StackName"}
    filters = {m["MetricName"] for _, p in t.resources("AWS::Logs::MetricFilter") for m in p["MetricTransformations"]}
    for name, p in t.resources("AWS::CloudWatch::Alarm"):
        if [referred(action) for action in p.get("AlarmActions", [])] != ["OperatorAlarms"]:
            yield f"{name} tells nobody"
        silent = p.get("TreatMissingData") == "missing" and p.get("InsufficientDataActions") == p.get("AlarmActions")
        if p.get("TreatMissingData") not in ("notBreaching", "breaching") and not silent:
            yield f"{name} does not say what silence means"
        namespace = "own" if p.get("Namespace") == own else p.get("Namespace")
        metric = p.get("MetricName")
        if namespace == "own" and metric not in t.figures.keys() | filters:
            yield f"{name} watches {metric}, which nobody writes"
        names = {d["Name"] for d in p.get("Dimensions", [])}
        if namespace == "own" and metric in t.figures and names != t.figures[metric]:
            yield f"{name} watches {metric} by {sorted(names)}, it is written by {sorted(t.figures[metric])}"
        seen.add((namespace, metric, p.get("Statistic") or p.get("ExtendedStatistic")))
        seen |= {(metric, referred(d["Value"])) for d in p.get("Dimensions", [])}
    for missing in sorted(WATCHED - seen):
        yield f"nobody watches {missing}"
    for function in sorted(MUST_RUN):
        if ("Errors", function) not in seen:
            yield f"nobody hears when {function} fails"
    dead = {referred(target) for _, p in t.resources() for _, target in find(p, "deadLetterTargetArn")}
    dead |= {referred(d.get("Destination")) for _, p in t.resources() for _, d in find(p, "OnFailure")}
    for queue in sorted(dead):
        if ("ApproximateNumberOfMessagesVisible", queue) not in seen:
            yield f"nobody hears of messages in {queue}"
    for function, _, event in t.events("SQS"):
        if ("ApproximateAgeOfOldestMessage", referred(event.get("Queue"))) not in seen:
            yield f"nobody hears when {function} does not keep up with its queue"
    for function, _, _ in t.events("DynamoDB"):
        if ("IteratorAge", function) not in seen:
            yield f"nobody hears when {function} falls behind"


def shared_logs_are_told_apart(t):
    """A metric of a log group that several functions write to counts the lines of one that is named."""
    groups = {}
    for _, properties in t.resources("AWS::Serverless::Function"):
        groups.setdefault(referred(properties.get("LoggingConfig", {}).get("LogGroup")), set()).add(package_of(properties))
    for name, properties in t.resources("AWS::Logs::MetricFilter"):
        group = referred(properties.get("LogGroupName"))
        if group not in groups:
            continue
        counted = re.findall(r'\$\.span\.function = "([a-z-]+)"', str(properties.get("FilterPattern")))
        if len(counted) != 1 or counted[0] not in groups.get(group, set()):
            yield f"{name} counts lines of {counted or 'any function'} in {group}"


def nested_stacks_only_watch(t):
    """A nested stack holds nothing that the local cloud would have to run, and none of what a release waits for."""
    needed = {referred(alarm) for alarm in t.raw["Globals"]["Function"].get("DeploymentPreference", {}).get("Alarms", [])}
    for name, stack in t.nested.items():
        kind = t.raw["Resources"].get(name, {}).get("Type", "AWS::CloudWatch::Alarm")
        if kind not in WATCHES:
            yield f"{stack} holds {name}: {kind} does more than watch"
        if name in needed:
            yield f"{stack} holds {name}, which takes releases back: a canary cannot refer to it"


def alarms_are_explained(t):
    """docs/operations.md has a section for every alarm, and for nothing else that is called one."""
    explained = set(re.findall(r"^#+ `?(\w+Alarm)`?$", t.runbook, re.MULTILINE))
    alarms = t.of_type("AWS::CloudWatch::Alarm").keys()
    for name in sorted(alarms - explained):
        yield f"docs/operations.md does not say what to do about {name}"
    for name in sorted(explained - alarms):
        yield f"docs/operations.md explains {name}, which does not exist"


def the_business_sees_itself(t):
    """The six business metrics are written by their names and shown; no metric is kept apart by an id (P4)."""
    shown = str([p.get("DashboardBody") for _, p in t.resources("AWS::CloudWatch::Dashboard")])
    for metric in sorted(BUSINESS_METRICS):
        if metric not in t.figures:
            yield f"nobody writes {metric}"
        if metric not in shown:
            yield f"the dashboard does not show {metric}"
    for metric, apart in t.figures.items():
        for fact in sorted(apart - DIMENSIONS):
            yield f"{metric} is kept apart by {fact}"


CHECKS = [
    routes_ask_for_a_token,
    routes_are_throttled_and_logged,
    queues_have_dead_letters,
    queues_outwait_their_functions,
    retries_are_as_required,
    messages_keep_their_order,
    queues_take_from_the_topic_only,
    roles_are_exact,
    roles_serve_their_triggers,
    roles_allow_the_calls_that_are_wired,
    logs_end,
    data_is_encrypted,
    buckets_are_shut,
    tables_can_be_restored,
    secrets_stay_out,
    made_secrets_are_kept,
    nothing_costs_while_idle,
    functions_are_packages,
    everything_is_tagged,
    accounts_are_guarded,
    releases_can_be_taken_back,
    what_matters_is_watched,
    shared_logs_are_told_apart,
    nested_stacks_only_watch,
    alarms_are_explained,
    the_business_sees_itself,
]


def problems(template):
    return [(check.__name__, problem) for check in CHECKS for problem in check(template)]


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2])
    found = problems(Template.of_repository(root))
    for check, problem in found:
        print(f"template.yaml: {check}: {problem}")
    if not found:
        print(f"template.yaml keeps all {len(CHECKS)} promises")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
