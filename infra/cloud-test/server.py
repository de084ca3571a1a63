"""ministack as it is, with one more address: what is still under way in it.

Run in the place of `python -m ministack`. `GET /_cloud_test/busy` answers with a list of reasons, empty when nothing that
is due is left to do: no record of a stream, no message, no schedule, no invocation. Real AWS has no such call, and
without it a test could only wait and hope. It looks into the version that requirements.txt locks.
"""

import contextvars
import json
import time

from ministack import app as gateway
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, set_request_account_id, set_request_region
from ministack.core.router import extract_region
from ministack.services import dynamodb, eventbridge, lambda_svc, sns, sqs
from ministack.services.cloudformation import changesets, engine, handlers
from samtranslator.translator import transform

# Schedules are looked at every ten seconds otherwise.
eventbridge._SCHEDULER_TICK_INTERVAL = 1

# "The PublishBatch API uses the same Publish API action for IAM policies" (Amazon SNS Developer Guide, message batching).
named_action = iam_actions.extract_iam_action


def action(*request, **details):
    name = named_action(*request, **details)
    return "sns:Publish" if name == "sns:PublishBatch" else name


iam_actions.extract_iam_action = action

# Sending an e-mail is allowed for an identity, which here is the sender's address, and may depend on `ses:FromAddress`; it
# must be allowed for the configuration set, too (Service Authorization Reference, Amazon Simple Email Service v2).
enforce_ses = gateway._enforce_ses_v2


def enforced(method, path, headers, body, query, request_id):
    if (method, path) != ("POST", "/v2/email/outbound-emails"):
        return enforce_ses(method, path, headers, body, query, request_id)
    asked = json.loads(body)
    sender, configuration_set = asked["FromEmailAddress"], asked.get("ConfigurationSetName")
    ours = f"arn:aws:ses:{extract_region(headers, query)}:{get_account_id()}"
    resources = [f"{ours}:identity/{sender}"]
    resources += [f"{ours}:configuration-set/{configuration_set}"] if configuration_set else []
    for resource in resources:
        refused = gateway._enforce_data_plane("sesv2", "ses:SendEmail", headers, query, request_id, resource_arn=resource,
                                              service_context={"ses:FromAddress": sender}, named_resource=resource)
        if refused:
            return refused
    return None


gateway._enforce_ses_v2 = enforced

# Every address here is this machine's own, and no certificate is for that: what comes over loopback stands for what comes over TLS
# on AWS. The bucket's policy refuses the rest, here as there.
condition_value = iam_evaluator._resolve_condition_key


def over_loopback(key, context):
    return "true" if key.lower() == "aws:securetransport" else condition_value(key, context)


iam_evaluator._resolve_condition_key = over_loopback

# The transform is handed the stack's parameters, as AWS hands them: without them AutoPublishCodeSha256 says nothing, and no
# release is published but by its code.
parameters = contextvars.ContextVar("parameters", default={})
expand, apply_transforms = transform.transform, engine._apply_transforms


def applied(template, provided=None, previous=None):
    kept = {name: entry["Value"] for name, entry in (previous or {}).items()}
    given = {one["Key"]: one["Value"] for one in provided or [] if "Value" in one and not one.get("UsePreviousValue")}
    parameters.set(kept | given)
    return apply_transforms(template, provided, previous)


for module in (engine, handlers, changesets):
    module._apply_transforms = applied
transform.transform = lambda template, _, loader: expand(template, parameters.get(), loader)

# Topics that CloudFormation makes do not keep FifoTopic; a name with this ending is one of a FIFO topic, and of no other.
sns._is_fifo_topic = lambda topic: topic["arn"].endswith(".fifo")

the_gateway = gateway.app


def read_by_functions(service):
    """Streams or queues that have a reader, and what reads them; the caller then stands in their account and region."""
    for account, region, mapping in lambda_svc._iter_all_esms():
        if f":{service}:" in mapping["EventSourceArn"]:
            set_request_account_id(account)
            set_request_region(region)
            yield mapping["EventSourceArn"], mapping


def unread_streams():
    for source, mapping in read_by_functions("dynamodb"):
        end = dynamodb.stream_end_position(source.split("/")[1])
        read = lambda_svc._dynamodb_stream_positions.get(mapping["UUID"])
        if read is not None and read < end:
            yield f"stream of {source.split('/')[1]}: {end - read} records"


def due_messages():
    """Of queues that have a reader; a dead-letter queue has none."""
    now = time.time()
    for source, _ in read_by_functions("sqs"):
        queue = sqs._queues.get(sqs._queue_url(source.rsplit(":", 1)[1]))
        messages = list(queue["messages"])
        waiting = {m["group_id"] for m in messages if m["visible_at"] > now and m["receive_count"] > 0}
        due = [m for m in messages if m["visible_at"] <= now and m.get("group_id") not in waiting]
        if due:
            yield f"{queue['name']}: {len(due)} messages"


def due_schedules():
    now = time.time()
    for key, rule in list(eventbridge._rules._data.items()):
        interval = eventbridge._parse_rate_seconds(rule.get("ScheduleExpression", ""))
        if rule.get("State") == "ENABLED" and interval is not None:
            if now - eventbridge._rule_last_fired.get(key, rule.get("CreationTime", now)) >= interval:
                yield f"schedule {rule['Name']}"


def running():
    total, _ = lambda_svc.executions_in_flight()
    if total or lambda_svc._esm_inflight:
        yield f"{total} invocations"


async def app(scope, receive, send):
    if scope["type"] != "http" or scope["path"] != "/_cloud_test/busy":
        return await the_gateway(scope, receive, send)
    reasons = [*due_schedules(), *unread_streams(), *due_messages(), *running()]
    head = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": json.dumps(reasons).encode()})


gateway.app = app
gateway.main()
