"""What template.yaml promises and no general linter knows.

Each check is a function that takes the template and yields one sentence per broken promise; its doc string says the
promise. `test_check_template.py` breaks every one of them once and sees the check notice.

    python3 check_template.py [path of the repository]
"""

import re
import sys
import tomllib
from pathlib import Path

import yaml

# Routes that anyone may call: monitors have no token, and a payment provider proves itself by its signature (O11).
OPEN_ROUTES = {
    "GET /health",
    "GET /health/ready",
    "POST /api/payments/callback/{provider}",
}

# Queue: (requirement, retries, seconds between them). The rows L6-L8 are fixed, the others are our choice.
RETRIES = {
    "PaymentQueue": ("L6", 3, 5 * 60),
    "RefundQueue": ("L6", 3, 5 * 60),
    "InventoryQueue": ("L7", 5, 60),
    "FulfilQueue": ("L8", 10, 15 * 60),
    "NotifyQueue": ("I1", 5, 60),
    "ScreenQueue": ("A14", 5, 60),
}
REQUIRED_QUEUES = {"PaymentQueue", "RefundQueue", "NotifyQueue", "ScreenQueue"}

# Topics that people subscribe to by e-mail, which knows no order.
READ_BY_PEOPLE = {"LowStock", "OperatorAlarms"}

# Topics that CloudWatch publishes to, which cannot use the key of AWS: names of queues and counts.
COUNTS_ONLY = {"OperatorAlarms"}

# AWS asks for this much room, so that a message never reappears while a slow batch is still being worked on.
VISIBILITY_FACTOR = 6
DEFAULT_VISIBILITY_SECONDS = 30
DEFAULT_TIMEOUT_SECONDS = 3
DEAD_LETTER_RETENTION_SECONDS = 14 * 24 * 60 * 60

# Everything the template may hold. A type that is not here has to be looked up first: does it cost while nobody orders?
FREE_WHILE_IDLE = {
    "AWS::Serverless::Function",
    "AWS::Serverless::HttpApi",
    "AWS::IAM::Role",
    "AWS::Logs::LogGroup",
    "AWS::DynamoDB::Table",
    "AWS::SNS::Topic",
    "AWS::SNS::Subscription",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    # Only made where AlertEmail says who wants to know; the first ten of an account cost nothing.
    "AWS::CloudWatch::Alarm",
    "AWS::Logs::MetricFilter",
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolGroup",
}
# Settings that turn a free resource into one with a standing price.
COSTS_WHILE_IDLE = {
    "ProvisionedConcurrencyConfig",
    "ProvisionedPollerConfig",
    "ProvisionedThroughput",
    "WarmThroughput",
    "VpcConfig",
}

TAGS = {"service", "stage"}
TAGGED_TYPES = {
    "AWS::IAM::Role",
    "AWS::Logs::LogGroup",
    "AWS::DynamoDB::Table",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::Cognito::UserPool",
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


class Template:
    def __init__(self, raw, packages, samples):
        self.raw = raw
        self.packages = packages
        self.samples = samples

    @classmethod
    def of_repository(cls, root):
        root = Path(root)
        manifests = (root / "functions").glob("*/Cargo.toml")
        packages = {tomllib.loads(m.read_text(encoding="utf-8"))["package"]["name"] for m in manifests}
        samples = {s.stem for s in (root / "events").glob("*.json")}
        return cls(load(root / "template.yaml"), packages, samples)

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
    """Every route has an authorizer except health and the payment callbacks (O11)."""
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
    """The API has throttling and access logs, and the logs name no caller (O15)."""
    for name, properties in t.resources("AWS::Serverless::HttpApi"):
        throttle = properties.get("DefaultRouteSettings", {})
        if not (throttle.get("ThrottlingBurstLimit") and throttle.get("ThrottlingRateLimit")):
            yield f"{name} is not throttled"
        logs = properties.get("AccessLogSettings", {})
        if referred(logs.get("DestinationArn")) not in t.of_type("AWS::Logs::LogGroup"):
            yield f"{name} writes no access log"
        for personal in ("sourceIp", "userAgent", "authorizer.claims", "context.path"):
            if personal in str(logs.get("Format", "")):
                yield f"the access log of {name} holds {personal}"


def queues_have_dead_letters(t):
    """Every queue has a dead-letter queue of its own kind, kept 14 days, unless it is one; so has the stream (O10)."""
    queues = t.of_type("AWS::SQS::Queue")
    dead = {referred(target) for _, p in t.resources() for _, target in find(p, "deadLetterTargetArn")}
    dead |= {referred(d.get("Destination")) for _, p in t.resources() for _, d in find(p, "OnFailure")}
    for name, properties in queues.items():
        redrive = properties.get("RedrivePolicy")
        if name in dead:
            if redrive:
                yield f"{name} is a dead-letter queue and moves its messages on"
            if properties.get("MessageRetentionPeriod") != DEAD_LETTER_RETENTION_SECONDS:
                yield f"{name} keeps its messages for less than 14 days"
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
        row, retries, interval = RETRIES[name]
        if properties.get("VisibilityTimeout") != interval:
            yield f"{name} waits {properties.get('VisibilityTimeout')} s, {row} asks for {interval} s"
        if properties["RedrivePolicy"].get("maxReceiveCount") != retries + 1:
            yield f"{name} must be received {retries + 1} times for the {retries} retries of {row}"


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
    """Every function writes to a log group of the template, and every log group has a retention."""
    groups = t.of_type("AWS::Logs::LogGroup")
    for name, properties in groups.items():
        if not properties.get("RetentionInDays"):
            yield f"{name} keeps its logs for ever"
    used = []
    for name, properties in t.resources("AWS::Serverless::Function"):
        group = referred(properties.get("LoggingConfig", {}).get("LogGroup"))
        if group not in groups:
            yield f"{name} makes a log group of its own, without retention"
        used.append(group)
    for group in {g for g in used if g and used.count(g) > 1}:
        yield f"{group} is shared by several functions"


def data_is_encrypted(t):
    """Tables, topic and queues are encrypted at rest (E7)."""
    for name, properties in t.resources("AWS::DynamoDB::Table"):
        if properties.get("SSESpecification", {}).get("SSEEnabled") is not True:
            yield f"{name} is not encrypted"
    for name, properties in t.resources("AWS::SNS::Topic"):
        if not properties.get("KmsMasterKeyId") and name not in COUNTS_ONLY:
            yield f"{name} is not encrypted"
    for name, properties in t.resources("AWS::SQS::Queue"):
        if properties.get("SqsManagedSseEnabled") is not True:
            yield f"{name} is not encrypted, or by a key that the topic cannot use"


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


def nothing_costs_while_idle(t):
    """No resource and no setting has a price while nobody orders."""
    for name, resource in t.raw["Resources"].items():
        if resource["Type"] not in FREE_WHILE_IDLE:
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
    """Template and functions/ name the same functions, and each has a sample of its trigger in events/."""
    named = set()
    for name, properties in t.resources("AWS::Serverless::Function"):
        match = re.fullmatch(r"target/lambda/([a-z-]+)/", str(properties.get("CodeUri")))
        if not match:
            yield f"{name}: CodeUri is not target/lambda/<package>/"
            continue
        package = match.group(1)
        named.add(package)
        if name != "".join(word.capitalize() for word in package.split("-")):
            yield f"{name} is not named as its package {package}"
        if package not in t.packages:
            yield f"{name}: there is no package functions/{package}"
        if package not in t.samples:
            yield f"{name}: there is no events/{package}.json"
    for package in sorted(t.packages - named):
        yield f"functions/{package} is not in the template"


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
        if properties.get("MfaConfiguration") not in ("OPTIONAL", "ON"):
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


CHECKS = [
    routes_ask_for_a_token,
    routes_are_throttled_and_logged,
    queues_have_dead_letters,
    queues_outwait_their_functions,
    retries_are_as_required,
    messages_keep_their_order,
    queues_take_from_the_topic_only,
    roles_are_exact,
    logs_end,
    data_is_encrypted,
    tables_can_be_restored,
    secrets_stay_out,
    nothing_costs_while_idle,
    functions_are_packages,
    everything_is_tagged,
    accounts_are_guarded,
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
