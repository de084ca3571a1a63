"""Works out what a deployed shop costs, from template.yaml and the prices that AWS publishes, and writes docs/costs.md.

    python3 infra/checks/costs.py            fails when docs/costs.md, README.md or docs/operations.md say something else
    python3 infra/checks/costs.py --write    writes docs/costs.md anew, and the figures in the other two

Only the standard library, so that everybody can run it. Prices are list prices in us-east-1, in US dollars, as they were in
autumn 2026; Frankfurt costs 15 to 22 % more.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs/costs.md"
HOURS = 730

# What: (price, unit, where it is published).
PRICES = {
    "alarm": (0.10, "standard alarm and month", "https://aws.amazon.com/cloudwatch/pricing/"),
    "metric": (0.30, "custom metric and month, by the hour in which it is written", "https://aws.amazon.com/cloudwatch/pricing/"),
    "logs": (0.50, "GB ingested", "https://aws.amazon.com/cloudwatch/pricing/"),
    "fifo": (0.50, "million requests to FIFO queues", "https://aws.amazon.com/sqs/pricing/"),
    "secret": (0.40, "secret and month", "https://aws.amazon.com/secrets-manager/pricing/"),
    "lambda_call": (0.20, "million calls", "https://aws.amazon.com/lambda/pricing/"),
    "lambda_time": (13.3334, "million GB-seconds on arm64", "https://aws.amazon.com/lambda/pricing/"),
    "write": (0.625, "million write request units", "https://aws.amazon.com/dynamodb/pricing/on-demand/"),
    "read": (0.125, "million read request units", "https://aws.amazon.com/dynamodb/pricing/on-demand/"),
    "table": (0.25, "GB and month stored", "https://aws.amazon.com/dynamodb/pricing/on-demand/"),
    "recovery": (0.20, "GB and month of point-in-time recovery", "https://aws.amazon.com/dynamodb/pricing/on-demand/"),
    "api": (1.00, "million calls of an HTTP API", "https://aws.amazon.com/api-gateway/pricing/"),
    "publish": (0.30, "million messages to a FIFO topic", "https://aws.amazon.com/sns/pricing/"),
    "deliver": (0.01, "million deliveries from a FIFO topic", "https://aws.amazon.com/sns/pricing/"),
    "email": (100.0, "million e-mails", "https://aws.amazon.com/ses/pricing/"),
    "lite": (0.0055, "active user of a user pool of the tier Lite, after 10,000", "https://aws.amazon.com/cognito/pricing/"),
    "sms_us": (0.01, "segment to the United States, about, with the carriers' fee", "https://aws.amazon.com/sns/sms-pricing/"),
    "sms_de": (0.11, "segment to Germany, about", "https://aws.amazon.com/sns/sms-pricing/"),
}

# Free for an account each month, or always.
FREE = {"alarm": 10, "fifo": 1.0, "metric": 10, "lambda_call": 1.0, "lambda_time": 0.4}

# Lambda looks into a queue with five long polls of 20 seconds side by side, also when it is empty.
POLLERS, POLL_SECONDS = 5, 20

# An order of three lines that is quoted, placed, paid, shipped and delivered, with two webhooks and six looks at it.
CALLS = {"quote": 1, "create": 1, "pay": 1, "webhooks": 2, "changes of status": 4, "looks at orders": 6}
# Write units, indexes included, a transaction's items twice (tests/it/tests/all/budgets.rs); to pay includes the page's record.
WRITES = {"create": 25, "pay": 14, "webhook": 15, "changes of status": 4 * 11, "notices": 5 * 2, "markers": 6}
READS = 29
EVENTS = 9
# Milliseconds of 256 MB: 15 requests, and what follows from the events.
MILLISECONDS = 2_920
STORED_KB = 16
LOGGED_KB = 25
EMAILS = 5


def price(name: str) -> float:
    return PRICES[name][0]


def counted(template: str, watching: str) -> dict[str, int]:
    """What of the template has a price while nobody orders."""
    return {
        "alarms": (template + watching).count("Type: AWS::CloudWatch::Alarm\n"),
        "queues": len(re.findall(r"^          Type: SQS\n", template, re.MULTILINE)),
        "made": template.count("Type: AWS::SecretsManager::Secret\n"),
        "secrets": len(re.findall(r"^  (?:Stripe|PayPal)SecretArn:\n", template, re.MULTILINE)),
        "minutely": template.count("Schedule: rate(1 minute)"),
        "five_minutely": template.count("Schedule: rate(5 minutes)"),
        "quarterly": template.count("Schedule: rate(15 minutes)"),
    }


def idle(parts: dict[str, int]) -> list[tuple[str, float, float]]:
    """What: for the first stack of an account, for a further one."""
    polls = parts["queues"] * POLLERS * HOURS * 3600 / POLL_SECONDS / 1e6
    runs = (parts["minutely"] * 60 + parts["five_minutely"] * 12 + parts["quarterly"] * 4) * HOURS / 1e6
    # 50 ms of a quarter of a gigabyte, nine reads of empty indexes, ten more of the newest orders every five minutes, a line
    # of 300 bytes.
    reads, gb_seconds, logs = runs * 6 * price("read"), runs * 0.05 * 0.25, runs * 1e6 * 300 / 1e9 * price("logs")
    computed = runs * price("lambda_call") + gb_seconds * price("lambda_time")
    return [
        (f"{parts['alarms']} alarms, ten of them free", (parts["alarms"] - FREE["alarm"]) * price("alarm"),
         parts["alarms"] * price("alarm")),
        (f"{polls:.1f} million looks into {parts['queues']} empty queues, a million free",
         max(polls - FREE["fifo"], 0) * price("fifo"), polls * price("fifo")),
        ("a secret for each payment provider, two at most; each carrier is another $0.40", parts["secrets"] * price("secret"), parts["secrets"] * price("secret")),
        ("the secret with the keys of signed links", parts["made"] * price("secret"), parts["made"] * price("secret")),
        (f"{runs * 1e6:,.0f} scheduled runs", reads + logs, reads + logs + computed),
    ]


def million() -> list[tuple[str, str, float]]:
    """What: how much of it, and what a million orders a month cost."""
    calls, writes = sum(CALLS.values()), sum(WRITES.values())
    invocations = calls + 15
    gb_seconds = MILLISECONDS / 1000 * 0.25
    queue_requests = 27
    return [
        ("HTTP API", f"{calls} million calls", calls * price("api")),
        ("Lambda, calls", f"{invocations} million", invocations * price("lambda_call")),
        ("Lambda, time", f"{gb_seconds:.2f} million GB-seconds", gb_seconds * price("lambda_time")),
        ("DynamoDB, writes", f"{writes} million units", writes * price("write")),
        ("DynamoDB, reads", f"{READS} million units", READS * price("read")),
        ("DynamoDB, a month's storage with recovery", f"{STORED_KB} GB, and as much again each month",
         STORED_KB * (price("table") + price("recovery"))),
        ("SNS", f"{EVENTS} million events", EVENTS * (price("publish") + 2 * price("deliver"))),
        ("SQS", f"{queue_requests} million requests", queue_requests * price("fifo")),
        ("logs", f"{LOGGED_KB} GB", LOGGED_KB * price("logs")),
        ("metrics of our own", "seven, and more in hours in which something fails; ten are free", 0.0),
    ]


def money(amount: float) -> str:
    return f"{amount:,.2f}" if amount < 100 else f"{amount:,.0f}"


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" if place == 0 else "---:" for place in range(len(head))), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)


def document() -> tuple[str, float, float, float]:
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    parts = counted(template, (ROOT / "observability.yaml").read_text(encoding="utf-8"))
    resting, working = idle(parts), million()
    first, further = sum(row[1] for row in resting), sum(row[2] for row in resting)
    platform = sum(row[2] for row in working)
    lite = (300_000 - 10_000) * price("lite")
    text = f"""# What it costs

Worked out by `infra/checks/costs.py` from the template and the prices at the end: list prices in us-east-1, in US dollars a month. Frankfurt costs 15 to
22 % more. Change the script, then `python3 infra/checks/costs.py --write`.

## While nobody orders

{table(("", "first stack of an account", "a further one"),
       [*((what, money(one), money(other)) for what, one, other in resting), ("**together**", f"**{money(first)}**", f"**{money(further)}**")])}

`Monitoring=off` saves the alarms. Stored data is paid for on top: a gigabyte with recovery costs {money(price("table") + price("recovery"))}. Tables ask no key
service for anything, functions keep no instance warm, and no network has a gateway. Uploads of releases add less than a cent each.

## A million orders a month

Each is quoted, placed, paid, shipped and delivered, has three lines, two webhooks, and is looked at six times.

{table(("", "how much", "dollars"),
       [*((what, much, money(cost)) for what, much, cost in working), ("**platform**", "", f"**{money(platform)}**")])}

A contended create pays for each attempt: one that needs eight costs eight times its {WRITES["create"]} write units. Orders are kept for seven years, so storage grows
by {money(STORED_KB * (price("table") + price("recovery")))} a month each month.

What goes to customers costs more than all of that:

{table(("", "how much", "dollars"),
       [("e-mail", f"{EMAILS} million", money(EMAILS * price("email"))),
        ("user pool, tier Lite", "300,000 buyers", money(lite)),
        ("a text message to each, United States", "1 million segments", money(1e6 * price("sms_us"))),
        ("a text message to each, Germany", "1 million segments", money(1e6 * price("sms_de")))])}

A text message of more than 160 characters, or of more than 70 with a letter outside the GSM alphabet, is paid for by the segment. `SmsMaxPrice` bounds one message, `SmsCallingCodes` says which countries get any, and
`SmsAlarmAbove` says when a month becomes dear.

## Prices

{table(("price", "for", "published at"), [(f"{one:g}", unit, source) for one, unit, source in PRICES.values()])}
"""
    return text, first, further, platform


def claims(first: float, platform: float) -> list[str]:
    """What other documents must say."""
    said = f"${first:.2f} a month"
    return [f"{name} does not say {wanted!r}" for name, wanted in
            [("README.md", said), ("README.md", f"${platform:.0f} for a million orders"), ("docs/operations.md", said)]
            if wanted not in (ROOT / name).read_text(encoding="utf-8")]


def say(first: float, platform: float):
    """Puts the figures into the sentences of other documents that hold them."""
    for name in ("README.md", "docs/operations.md"):
        said = (ROOT / name).read_text(encoding="utf-8")
        said = re.sub(r"(\ba stack costs (?:about )?)\$[\d.]+ a month", rf"\g<1>${first:.2f} a month", said)
        said = re.sub(r"\$\d+ for a million orders", f"${platform:.0f} for a million orders", said)
        (ROOT / name).write_text(said, encoding="utf-8")


def main() -> int:
    text, first, _, platform = document()
    if "--write" in sys.argv:
        DOCUMENT.write_text(text, encoding="utf-8")
        say(first, platform)
    wrong = claims(first, platform)
    if not DOCUMENT.exists() or DOCUMENT.read_text(encoding="utf-8") != text:
        wrong.append("docs/costs.md is not what the script works out: python3 infra/checks/costs.py --write")
    print(*wrong, sep="\n") if wrong else print(f"docs/costs.md is in step: {first:.2f} while idle, {platform:.0f} for a million orders")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
