"""Compares our Stripe with Stripe's own library; see signatures.sh. The one argument is our half's program."""

import json
import pathlib
import re
import subprocess
import sys
import time

import stripe
from stripe import params
from stripe.params import checkout

SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "events" / "stripe"
SECRET = "whsec_of_this_check"
OTHER_SECRET = "whsec_of_another_endpoint"
NOW = int(time.time())

# Which of the library's parameter lists a call of ours is held against.
PARAMETERS = [
    ("POST", r"/v1/checkout/sessions", checkout.SessionCreateParams),
    ("GET", r"/v1/checkout/sessions", checkout.SessionListParams),
    ("GET", r"/v1/checkout/sessions/\w+", checkout.SessionRetrieveParams),
    ("POST", r"/v1/checkout/sessions/\w+/expire", checkout.SessionExpireParams),
    ("GET", r"/v1/payment_intents/\w+", params.PaymentIntentRetrieveParams),
    ("POST", r"/v1/refunds", params.RefundCreateParams),
    ("GET", r"/v1/refunds", params.RefundListParams),
    ("GET", r"/v1/payment_methods/\w+", params.PaymentMethodRetrieveParams),
    ("POST", r"/v1/payment_methods/\w+/detach", params.PaymentMethodDetachParams),
]

# Which of the library's classes a sample's object is held against.
OBJECTS = {
    "checkout.session": stripe.checkout.Session,
    "payment_intent": stripe.PaymentIntent,
    "charge": stripe.Charge,
    "refund": stripe.Refund,
    "dispute": stripe.Dispute,
}

problems = []


def expect(holds, what):
    if not holds:
        problems.append(what)


def library_header(body, secret=SECRET, at=NOW):
    return stripe.WebhookSignature.generate_signature_header(body, secret, timestamp=at)


def library_believes(body, header):
    try:
        stripe.WebhookSignature.verify_header(body, header, SECRET, tolerance=300)
        return True
    except stripe.SignatureVerificationError:
        return False


def deliveries(bodies):
    """Header, body, and the verdict that we expect of ours; where it is not genuine the library must not believe it
    either, but for what only we refuse."""
    for body in bodies:
        header = library_header(body)
        digest = header.split("v1=")[1]
        yield "as signed", header, body, "genuine"
        yield "two signatures", f"{header},v1={'0' * 64}", body, "genuine"
        yield "rolled secret", f"t={NOW},v1={library_header(body, OTHER_SECRET).split('v1=')[1]},v1={digest}", body, "genuine"
        yield "as v0", f"t={NOW},v0={digest}", body, "forged"
        yield "other secret", library_header(body, OTHER_SECRET), body, "forged"
        yield "changed body", header, body + " ", "forged"
        yield "changed time", header.replace(f"t={NOW}", f"t={NOW - 1}"), body, "forged"
        yield "no signature", f"t={NOW}", body, "forged"
        yield "no time", f"v1={digest}", body, "forged"
        yield "empty", "", body, "forged"
        yield "upper case", f"t={NOW},v1={digest.upper()}", body, "forged"
        yield "stale", library_header(body, at=NOW - 3600), body, "out of time"
        yield "from the future", library_header(body, at=NOW + 3600), body, "out of time"


# The library has no bound to this side.
ONLY_OURS = {"from the future"}


def annotation(cls, name):
    for base in cls.__mro__:
        if name in base.__dict__.get("__annotations__", {}):
            return base, str(base.__annotations__[name])
    # A TypedDict keeps its bases' names, and not their order of resolution.
    return cls, str(cls.__annotations__[name]) if name in cls.__annotations__ else None


def known(cls, parameter):
    """Whether the library knows `payment_intent_data[metadata][order_id]` of this parameter list."""
    names = [name for name in re.findall(r"[^\[\]]+", parameter) if not name.isdigit()]
    while names:
        cls, kind = annotation(cls, names.pop(0))
        if kind is None:
            return False
        if "Dict[str, str]" in kind:
            return len(names) == 1
        inner = [getattr(sys.modules[cls.__module__], name, None) for name in re.findall(r"\w+", kind)]
        inner = [found for found in inner if isinstance(found, type) and hasattr(found, "__total__")]
        if names and not inner:
            return False
        cls = inner[0] if inner else cls
    return True


def main(program):
    samples = {path.name: path.read_text() for path in sorted(SAMPLES.glob("*.json"))}
    bodies = [*samples.values(), "{}", '{"id": "evt_ü…\\u2028"}\n\t']
    given = list(deliveries(bodies))
    request = {
        "deliveries": [
            {"header": header, "body": body, "secrets": [SECRET], "now": NOW} for _, header, body, _ in given
        ],
        "to_sign": [{"body": body, "secrets": [OTHER_SECRET, SECRET], "now": NOW} for body in bodies],
    }
    told = json.loads(subprocess.run([program], input=json.dumps(request), capture_output=True, check=True, text=True).stdout)

    for (name, header, body, expected), verdict in zip(given, told["verdicts"], strict=True):
        expect(verdict == expected, f"{name}: ours says {verdict}, not {expected}: {header}")
        expect(
            library_believes(body, header) == (expected == "genuine") or name in ONLY_OURS,
            f"{name}: the library disagrees that it is {expected}: {header}",
        )
    for body, header in zip(bodies, told["headers"], strict=True):
        expect(library_believes(body, header), f"the library does not believe our fake: {header}")

    expect(told["api_version"] == stripe.api_version, f"pinned to {told['api_version']}, the library to {stripe.api_version}")
    seen = set()
    for call in told["calls"]:
        matching = [own for own in PARAMETERS if own[0] == call["method"] and re.fullmatch(own[1], call["path"])]
        expect(matching, f"a call that the check does not know: {call['method']} {call['path']}")
        for method, path, cls in matching:
            seen.add((method, path))
            for parameter in call["parameters"]:
                expect(known(cls, parameter), f"{method} {path}: the library does not know {parameter}")
    missing = [own[:2] for own in PARAMETERS if own[:2] not in seen]
    expect(not missing, f"calls that were not made: {missing}")
    expect(not known(checkout.SessionCreateParams, "payment_intent_data[order]"), "the check knows everything")

    for name, text in samples.items():
        event = stripe.Webhook.construct_event(text, library_header(text), SECRET)
        expect(name.startswith(event.type), f"{name} is a {event.type}")
        expect(event.api_version == stripe.api_version, f"{name} is of {event.api_version}")
        cls = OBJECTS[event.data.object.object]
        expect(isinstance(event.data.object, cls), f"{name} holds no {cls.__name__}")
        unknown = [field for field in json.loads(text)["data"]["object"] if annotation(cls, field)[1] is None]
        expect(not unknown, f"{name}: the library does not know {', '.join(unknown)}")

    for problem in problems:
        print(f"signatures: {problem}", file=sys.stderr)
    print(f"stripe {stripe.VERSION}: {len(given)} signed by it, {len(bodies)} by us, {len(told['calls'])} calls, {len(samples)} samples")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main(sys.argv[1])
