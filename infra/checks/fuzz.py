"""Fuzzes every endpoint of openapi.yaml in every role, against a local cloud of its own.

Usage: fuzz.py [--seed N|random] [--cases N] [--roles customer,admin] [--verbose] BINARY

A victim's order and data are there before; no answer may tell of them, and they are the same afterwards. Failures print
a curl command and the seed."""

import argparse
import json
import os
import pathlib
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
START_SECONDS = 60
# Wall clock for the fuzzing of one role, and for each case more of each endpoint; a run that takes longer fails.
ROLE_SECONDS, CASE_SECONDS = 120, 8
# What one customer may do is bounded (A22); a fuzzer is a hasty customer, and held to no limit.
LIMITS = ["OrdersPerMinute", "OpenOrders", "UnitsPerProduct", "PaymentsPerMinute", "UnknownCodesPerHour", "MessagesPerDay"]

MUG, TEA, KETTLE = (f"01990000-0000-7000-8000-00000000000{number}" for number in (1, 3, 7))
NOTHING = "01990000-0000-7000-8000-0000000000ff"
SELLER = "harbour-tea"

# Nobody else is called this; each text is looked for in every answer.
VICTIM = "victoria-4711"
PERSON = {
    "contact": {"name": "Zyxwina Quagmire", "email": "zyxwina.quagmire@example.net", "phone": "+4915799990001"},
    "shipping_address": {
        "recipient_name": "Zyxwina Quagmire", "street_address": "Obscure Alley 4711b", "city": "Wolkenkuckucksheim",
        "postal_code": "98765", "country": "DE",
    },
}
PARCEL = "ZYX-PARCEL-4711"
PARCEL_SIDES = {"weight_grams": 900, "length_mm": 300, "width_mm": 200, "height_mm": 100}
SENDER = {"name": "Warehouse", "street_address": "Am Sandtorkai 30", "city": "Hamburg", "postal_code": "20457", "country": "DE"}
SECRETS = ["Zyxwina", "quagmire@", "+4915799990001", "Obscure Alley", "Wolkenkuckucksheim", PARCEL, VICTIM]

# No answer says what we are built of.
INTERNALS = [
    "panicked", "RUST_BACKTRACE", "src/", ".rs:", "dynamodb", "DynamoDb", "amazonaws", "ConditionalCheck", "sqlite",
    "SdkError", "127.0.0.1:1", "EVENT#", "ORDER#", "PERSON", "CUSTOMER#",
]


class Site:
    """The API over HTTP."""

    def __init__(self, base):
        self.base = base

    def call(self, method, path, token=None, body=None, headers=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **(headers or {})}
        request = urllib.request.Request(self.base + path, data, headers, method=method)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{method} {path}: {error.code} {error.read().decode()}") from error
        return json.loads(text) if text else None

    def token(self, user, role, seller=None):
        body = {"user_id": user, "role": role, "expires_in_seconds": 86_400}
        if seller:
            body["seller_id"] = seller
        return self.call("POST", "/dev/token", body=body)["access_token"]

    def order(self, token, items, key, **more):
        cart = {"items": [{"product_id": product, "quantity": 1} for product in items], **good_person(), **more}
        return self.call("POST", "/api/orders", token, cart, {"Idempotency-Key": key})

    def pay(self, token, order, **more):
        body = {"provider": "sandbox", **more}
        page = self.call("POST", f"/api/orders/{order['id']}/payments", token, body)
        self.call("POST", f"/dev/pay/{page['payment_id']}", body={"outcome": "succeeded"})
        return page["payment_id"]

    def move(self, admin, order, parcel, *statuses):
        for status in statuses:
            body = {"status": status}
            if status == "shipped":
                body["tracking"] = {"carrier": "DHL", "tracking_number": parcel}
            self.call("PATCH", f"/api/orders/{order['id']}/status", admin, body)


def good_person():
    return {
        "contact": {"name": "Mallory", "email": "mallory@example.com", "phone": "+491701234567"},
        "shipping_address": {
            "recipient_name": "Mallory", "street_address": "Main Street 1", "city": "Berlin", "postal_code": "10117",
            "country": "DE",
        },
    }


def furnish(site):
    """Orders in every state, of the victim and of the attacker, and what the fuzzer may know of them."""
    secrets = list(SECRETS)
    victim, mallory = site.token(VICTIM, "customer"), site.token("mallory", "customer")
    admin = site.token("grace", "admin")
    for product in (MUG, TEA, KETTLE):
        for part in range(20):
            receive = {"movement": "receive", "quantity": 9_999, "reason": "for the fuzzer"}
            site.call("POST", f"/api/products/{product}/stock", admin, receive)
    theirs, own = [], []
    lives = [(), ("paid",), ("paid", "processing"), ("paid", "processing", "shipped"), ("paid", "processing", "shipped", "delivered")]
    for key, statuses in enumerate(lives):
        for token, orders, person in ((victim, theirs, PERSON), (mallory, own, {})):
            # The attacking seller sells a line of the attacker's orders, and none of the victim's.
            order = site.order(token, [MUG] if token is victim else [MUG, TEA], f"furnish-{key}", **person)
            if statuses:
                payment = site.pay(token, order, keep_method=True)
                if token is victim:
                    secrets.append(payment)
                settle(site)
                site.move(admin, order, PARCEL if token is victim else "1", *statuses[1:])
            orders.append(order)
    site.call("POST", f"/api/orders/{own[1]['id']}/holds", admin, {"reason": "address"})
    own.append(site.order(mallory, [TEA], "furnish-draft", draft=True))
    secrets.extend(order["number"] for order in theirs)
    secrets.extend(line["line_id"] for order in theirs for line in order["items"])
    methods = [
        site.call("GET", "/api/customers/me/payment-methods", token)["data"][0]["id"] for token in (victim, mallory)
    ]
    secrets.append(methods[0])
    settle(site)
    secrets.extend(tokens(site, theirs))
    return {**world(theirs, own, methods, tokens(site, own)), "secrets": secrets}, Victim(site, victim, theirs)


def tokens(site, orders):
    """Those of the tracking links in the messages about some orders."""
    told = [message["body"] for order in orders for message in site.call("GET", f"/dev/notifications?order_id={order['id']}")]
    found = sorted({token for body in told for token in re.findall(r"/api/track/([A-Za-z0-9_-]+)", body)})
    if not found:
        raise SystemExit("no message has a tracking link")
    return found


class Victim:
    """What must not change, whatever others do."""

    def __init__(self, site, token, orders):
        self.site, self.token, self.orders = site, token, orders
        self.before = self.state()

    def state(self):
        settle(self.site)
        orders = [self.site.call("GET", f"/api/orders/{order['id']}", self.token) for order in self.orders]
        listed = self.site.call("GET", "/api/orders", self.token)
        methods = self.site.call("GET", "/api/customers/me/payment-methods", self.token)
        told = [self.site.call("GET", f"/dev/notifications?order_id={order['id']}") for order in self.orders]
        return {"orders": orders, "listed": listed, "methods": methods, "told": told}

    def complaints(self):
        now = self.state()
        return [f"the victim's {name} have changed" for name in now if now[name] != self.before[name]]


def world(theirs, own, methods, links):
    orders = [order["id"] for order in own for _ in range(2)] + [order["id"] for order in theirs] + [NOTHING]
    item = {"product_id": TEA, "quantity": 1}
    cart = {"items": [item], **good_person()}
    lines = [{"line_id": order["items"][0]["line_id"], "quantity": 1} for order in own]
    product = {"sku": "FUZZ-1", "name": "Fuzz", "category": "kitchen", "price": "45.00", "currency": "EUR"}
    return {
        "internals": INTERNALS,
        "names": {
            "order_id": orders,
            "user_id": ["me", "mallory", VICTIM, "nobody"],
            "method_id": [*methods, NOTHING],
            "product_id": [MUG, TEA, KETTLE, NOTHING],
            "table": ["taxes", "shipping", "promotions", "locations", "shop", "returns", "nothing"],
            "provider": ["sandbox", "stripe", "paypal"],
            "carrier": ["sandbox", "fedex", "ups", "dhl"],
            "shipment_id": [f"{order}-S1" for order in orders],
            "return_id": [f"{order}-R1" for order in orders],
            "hold_id": ["h1", "h2", "h99"],
            "change_id": ["c1", "c2", "c50", "c0", "c65536"],
            "token": [*links, links[0][:-1] + ("A" if links[0][-1] != "A" else "B"), "A" * 44, theirs[3]["id"]],
        },
        "queries": {
            "listOrders": {
                "status": [["pending"], ["confirmed", "shipped"], ["pending_payment"], ["lost"]],
                "user_id": ["mallory", VICTIM, ""],
                "start_date": ["2020-01-01", "2030-01-01T00:00:00Z", "yesterday"],
                "end_date": ["2040-01-01", "2020-01-01", "9999-12-31"],
                "sort": ["created_at", "-created_at", "total"],
                "limit": [1, 2, 100, 101, 0],
                "page": [1, 2, 3, 1000, 0, 2147483647],
                "cursor": ["", "AAAA", "e30", "\u0000"],
            },
            "listShipments": {
                "status": [["planned"], ["packed", "shipped"], ["unpacked"]],
                "view": ["shipments", "pick-list", "nothing"],
                "location": ["main", "Main", ""],
                "carrier": ["DHL", "dhl", "\u0000"],
                "seller_id": [SELLER, VICTIM, ""],
                "start_date": ["2020-01-01", "yesterday"],
                "end_date": ["2040-01-01", "9999-12-31"],
                "limit": [1, 2, 200, 201, 0],
                "cursor": ["", "AAAA", "e30", "\u0000"],
            },
            "viewPickList": {
                "status": [["planned"], ["packed", "shipped"], ["unpacked"]], "location": ["main", ""], "carrier": ["DHL"],
                "seller_id": [SELLER, VICTIM], "start_date": ["2020-01-01", "yesterday"], "end_date": ["2040-01-01"],
                "limit": [1, 200, 201, 0], "cursor": ["", "AAAA", "e30", "\u0000"],
            },
            "viewPackingSlips": {
                "shipments": [
                    *([f"{order}-S1"] for order in dict.fromkeys(orders)), [f"{order['id']}-S1" for order in own[2:4]],
                    [f"{order}-S1" for order in dict.fromkeys(orders)], [f"{NOTHING}-S{number}" for number in range(1, 27)],
                    ["nonsense"], [""], ["\u0000"], ["<script>"],
                ],
            },
            "viewRates": {
                "weight_grams": [900, 1, 70000, 0, 70001], "length_mm": [300, 3000, 0], "width_mm": [200, 3001],
                "height_mm": [100, -1], "parcels": [1, 20, 21, 0],
            },
            "listProducts": {"limit": [1, 2, 100, 101], "cursor": ["", "AAAA", TEA]},
            "viewStock": {"limit": [1, 2, 100, 101], "cursor": ["", "AAAA", TEA]},
            "viewSettings": {"version": [0, 1, 2, 2147483647]},
        },
        "large": large(cart, lines),
        # Beside the examples of openapi.yaml: where a good body names things that exist, or one example says too little.
        "bodies": {
            "createOrder": [
                cart, {**cart, "draft": True}, {**cart, "promotion_codes": ["WELCOME10"]}, {**cart, "user_id": VICTIM},
                {**cart, "items": [{**item, "price": "8.90"}, {"product_id": MUG, "quantity": 2}]},
                {**cart, "shipping_method": "express", "billing_address": cart["shipping_address"]},
            ],
            "changeOrder": [
                {"add": [{"product_id": MUG, "quantity": 1}], "expected_difference": "0"}, {"quantities": lines[1:2], "dry_run": True},
                {"remove": [lines[1]["line_id"]], "dry_run": True}, {"shipping_method": "express", "dry_run": True},
                {"custom_lines": [{"text": "x", "amount": "1.00"}], "dry_run": True}, {"promotion_codes": ["WELCOME10"], "dry_run": True},
                {"shipping_address": cart["shipping_address"], "expected_difference": "0.00", "reason": "x"},
            ],
            "reorder": [{"draft": True}, {"draft": False}, {}],
            "quoteOrder": [{"items": [item], "country": "DE"}, {"items": [item, {"product_id": KETTLE, "quantity": 1}], "country": "US"}],
            "payOrder": [{"provider": "sandbox"}, {"provider": "sandbox", "return_url": "https://example.com/"}],
            "refundOrder": [
                {"goodwill": "0.01", "reason": "x"}, {"lines": lines[1:2], "reason": "x"}, {"shipping": "0.01", "reason": "x"},
            ],
            "updateStatus": [
                {"status": "processing"}, {"status": "cancelled"}, {"status": "delivered"},
                {"status": "shipped", "tracking": {"carrier": "DHL", "tracking_number": "1"}},
            ],
            "planShipment": [{"lines": lines[1:2]}, {"lines": lines}, {"lines": lines[2:3], "location": "berlin"}],
            "moveShipment": [
                *({"status": status} for status in ("packed", "delivered", "failed", "returned", "lost", "cancelled")),
                {"status": "shipped", "tracking": [{"carrier": "DHL", "tracking_number": "1"}]}, {"status": "shipped"},
                {"tracking": [{"carrier": "UPS", "tracking_number": "2"}], "tell_customer": True},
            ],
            "buyLabel": [
                {"carrier": carrier, "service": service, "parcels": [PARCEL_SIDES] * count}
                for carrier, service, count in (
                    ("sandbox", "standard", 1), ("sandbox", "express", 3), ("sandbox", "test-refused", 1), ("sandbox", "test-lost", 1),
                    ("sandbox", "nothing", 1), ("ups", "03", 1),
                )
            ],
            "holdOrder": [{"reason": "address", "note": "x"}, {"reason": "other"}],
            "addNote": [{"text": "x", "visibility": "private"}, {"text": "x\ny", "visibility": "customer"}],
            "setTags": [{"tags": ["fuzz"]}, {"tags": []}, {"tags": ["fuzz", "fuzz", "\u00e4"]}],
            "assignOrder": [{"assignee": "grace"}, {"assignee": None}],
            "changeStanding": [{"blocked": False, "reason": "x"}],
            "changeSettings": [
                {"promotions": [{"code": "FUZZ", "kind": "percentage", "rate": "0.1"}]},
                {"locations": [{"code": "main", "address": SENDER, "phone": "+4940300000", "time_zone": "Europe/Berlin"}]},
                {"processing": "by_hand", "labels": [
                    {"shipping_method": "express", "carrier": "sandbox", "service": "express", "box": PARCEL_SIDES},
                ]},
                {"rates": {"DE": {"standard": "0.19"}}}, {"methods": [{"code": "standard", "name": "S", "prices": {"EUR": "1.00"}}]},
            ],
            "createProduct": [product, {**product, "seller_id": SELLER, "units": 3}],
            "updateProduct": [{"name": "Fuzz"}, {"price": "1.00"}, {"regions": ["DE"]}, {"active": True}, {"hot": True}],
            "moveStock": [
                {"movement": movement, "quantity": 1, "reason": "x"}
                for movement in ("receive", "hold", "release_hold", "damage", "write_off")
            ],
            "importProducts": [
                "sku,name,category,price,currency\nFUZZ-2,Fuzz,kitchen,1.00,EUR\n",
                "sku,name,category,price,currency,units,seller_id\nFUZZ-3,Fuzz,kitchen,1.00,EUR,5," + SELLER + "\n",
                "sku,price\n\"FUZZ-2,1.00\n", "\ufeffsku;name\n", "sku,sku\n1,2\n",
            ],
        },
    }


def large(cart, lines):
    """About as much as a request may hold: 60 KB of text, 1,000 lines, and both a little below other bounds."""
    item = {"product_id": TEA, "quantity": 1}
    others = [{"product_id": f"01900000-0000-7000-8000-{number:012}", "quantity": 1} for number in range(800)]
    text, rows = "\u00e4 " * 20_000, [f"FUZZ-L{number},Fuzz,kitchen,1.00,EUR" for number in range(1_000)]
    promotions = [{"code": f"FUZZ{number}", "kind": "percentage", "rate": "0.1"} for number in range(1_000)]
    return {
        "createOrder": [
            {**cart, "items": [item] * 1_000}, {**cart, "items": others}, {**cart, "items": others[:100]},
            {**cart, "customer_note": text}, {**cart, "tags": ["fuzz"] * 8_000}, {**cart, "promotion_codes": ["FUZZ"] * 5_000},
        ],
        "quoteOrder": [
            {"items": [item] * 1_000, "country": "DE"}, {"items": others, "country": "DE"},
            {"items": others[:81], "country": "DE"}, {"items": others[:80], "country": "DE"},
        ],
        "refundOrder": [{"lines": lines * 150, "reason": "x"}, {"goodwill": "0.01", "reason": text}],
        "updateStatus": [{"status": "cancelled", "note": text}],
        "cancelOrder": [{"reason": text}],
        "planShipment": [{"lines": lines * 300}],
        "moveShipment": [{"status": "packed", "note": text}, {"tracking": [{"carrier": "DHL", "tracking_number": "1"}] * 900}],
        "holdOrder": [{"reason": "address", "note": text}],
        "addNote": [{"text": text, "visibility": "customer"}, {"text": text[:1_000], "visibility": "private"}],
        "setTags": [{"tags": ["fuzz"] * 8_000}, {"tags": [text]}],
        "changeSettings": [
            {"promotions": promotions}, {"rates": {"DE": {f"class-{number}": "0.19" for number in range(2_000)}}},
        ],
        "createProduct": [{"sku": "FUZZ-L", "name": text, "category": "kitchen", "price": "1.00", "currency": "EUR"}],
        "updateProduct": [{"description": text}, {"images": ["https://example.com/x.jpg"] * 2_000}],
        "importProducts": ["sku,name,category,price,currency\n" + "\n".join(rows), "sku\n" + "\n" * 60_000, "a," * 30_000],
    }


def settle(site):
    """What was set off is done when no queue holds anything, a few times in a row."""
    quiet, deadline = 0, time.monotonic() + START_SECONDS
    while quiet < 3 and time.monotonic() < deadline:
        queues = site.call("GET", "/dev/queues")
        quiet = quiet + 1 if all(queue["visible"] + queue["in_flight"] == 0 for queue in queues) else 0
        time.sleep(0.05)


def start(binary, place):
    """A local cloud that keeps nothing and bears a hasty customer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    text = (ROOT / "template.yaml").read_text()
    for limit in LIMITS:
        text, count = re.subn(rf"(  {limit}:\n    Type: Number\n    Default: )\d+", r"\g<1>0", text)
        if count != 1:
            raise SystemExit(f"template.yaml has no parameter {limit}")
    template = pathlib.Path(place, "template.yaml")
    template.write_text(text)
    server = subprocess.Popen(
        [binary, "--memory", "--port", str(port), "--template", str(template)],
        stdout=subprocess.DEVNULL, env={**os.environ, "RUST_LOG": os.environ.get("RUST_LOG", "error")},
    )
    site = Site(f"http://127.0.0.1:{port}")
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(site.base + "/health/ready").close()
            return server, site
        except OSError:
            if time.monotonic() > deadline or server.poll() is not None:
                server.kill()
                raise
            time.sleep(0.1)


def fuzz(site, role, token, options, place, known):
    """One role's run; whether it was clean."""
    command = [
        str(pathlib.Path(sys.executable).with_name("schemathesis")), "run", str(ROOT / "openapi.yaml"),
        "--url", site.base, "--seed", str(options.seed), "--max-examples", str(options.cases),
        "--phases", "examples,coverage,fuzzing,stateful",
        "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,"
        "response_headers_conformance,response_schema_conformance,nobody_elses_data,no_internals",
        "--generation-database", "none", "--suppress-health-check", "all", "--warnings", "off",
        "--continue-on-failure", "--request-timeout", "30", "--no-color", "--workers", "2",
        "--report", "ndjson", "--report-ndjson-path", f"{place}/{role}.ndjson",
    ]
    if token:
        command += ["--header", f"Authorization: Bearer {token}"]
    # Too much for the environment.
    told = pathlib.Path(place, "world.json")
    told.write_text(json.dumps(known))
    environment = {
        **os.environ, "SCHEMATHESIS_HOOKS": "fuzz_hooks", "PYTHONPATH": str(HERE), "OMS_FUZZ_WORLD": str(told),
    }
    patience = ROLE_SECONDS + CASE_SECONDS * options.cases
    started = time.monotonic()
    try:
        ran = subprocess.run(
            command, cwd=place, env=environment, text=True, timeout=patience,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        output, clean = ran.stdout, ran.returncode == 0
    except subprocess.TimeoutExpired as late:
        output, clean = (late.stdout or b"").decode() + f"\ntook longer than {patience} s", False
    if not clean or options.verbose:
        print(output)
    answers = answered(pathlib.Path(place, f"{role}.ndjson"))
    took = time.monotonic() - started
    total = sum(map(len, answers.values()))
    print(f"{role}: {'ok' if clean else 'FAILED'}, {total} requests in {took:.0f} s", flush=True)
    return clean


def answered(report):
    """The statuses that each operation was answered with."""
    answers = {}
    for line in report.read_text().splitlines() if report.exists() else []:
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
        for interaction in (recorder.get("interactions") or {}).values():
            if interaction.get("response"):
                answers.setdefault(recorder["label"], []).append(interaction["response"]["status_code"])
    return answers


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--seed", default="1", help="a number, or `random`")
    parser.add_argument("--cases", type=int, default=25, help="generated requests per endpoint and role")
    parser.add_argument("--roles", default="anonymous,customer,seller,admin")
    parser.add_argument("--verbose", action="store_true", help="print what schemathesis says in any case")
    options = parser.parse_args()
    options.seed = random.SystemRandom().randrange(2**32) if options.seed == "random" else int(options.seed)
    print(f"seed {options.seed}, {options.cases} cases per endpoint and role")
    clean = True
    for role in options.roles.split(","):
        with tempfile.TemporaryDirectory() as place:
            server, site = start(str(pathlib.Path(options.binary).resolve()), place)
            try:
                clean &= run(site, role, options, place)
            finally:
                server.kill()
    return 0 if clean else 1


def run(site, role, options, place):
    """One role on a fresh system."""
    known, victim = furnish(site)
    token = {
        "anonymous": lambda: None,
        "customer": lambda: site.token("mallory", "customer"),
        "seller": lambda: site.token("sally", "seller", SELLER),
        "admin": lambda: site.token("grace", "admin"),
    }[role]()
    if role == "admin":
        # Who may see and change everything has no victim.
        return fuzz(site, role, token, options, place, {**known, "secrets": []})
    clean = fuzz(site, role, token, options, place, known)
    for complaint in victim.complaints():
        print(f"{role}: FAILED: {complaint}")
        clean = False
    return clean


if __name__ == "__main__":
    sys.exit(main())
