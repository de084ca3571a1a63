#!/usr/bin/env python3
"""Turns what stories.rs left in one directory into the fixtures of this folder.

Usage: collect.py DIRECTORY SNAPSHOT, where SNAPSHOT is the one of shared/domain/tests that has a line for every event.
"""

import json
import pathlib
import sqlite3
import sys

MADE = pathlib.Path(sys.argv[1])
SNAPSHOT = pathlib.Path(sys.argv[2])
HERE = pathlib.Path(__file__).resolve().parent.parent

# Members that an event has or has not.
OPTIONAL = {
    "OrderCreated": ["promotions", "uses"],
    "OrderPaymentRequested": ["keep"],
    "OrderProcessingStarted": ["note"],
    "OrderShipped": ["note"],
    "OrderDeliveryFailed": ["note"],
    "OrderDelivered": ["note", "placed_at"],
    "OrderCancelled": ["note"],
    "OrderRefundInitiated": ["for"],
    "OrderReviewApproved": ["note"],
}


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def write(name, lines):
    path = HERE / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(line + "\n" for line in lines))


def state():
    """The two databases as SQL. The stream's records are left out: after a day nobody has them."""
    for name in ("orders", "cloud"):
        database = sqlite3.connect(MADE / "state" / f"{name}.db", isolation_level=None)
        if name == "orders":
            database.execute("DELETE FROM _stream_records")
            database.execute("VACUUM")
        write(f"state/{name}.sql", database.iterdump())


def events():
    lines = [line for line in SNAPSHOT.read_text().splitlines() if line.startswith('{"v"')]
    kept = []
    for line in lines:
        kept.append(line)
        event = json.loads(line)
        for member in OPTIONAL.get(event["type"], []):
            if member in event.get("data", {}):
                del event["data"][member]
                kept.append(compact(event))
                event = json.loads(line)
    database = sqlite3.connect(MADE / "state" / "orders.db")
    shapes = set()
    for (item,) in database.execute('SELECT item_json FROM "local-OrdersTable" WHERE sk LIKE \'S:EVENT#%\' ORDER BY pk, sk'):
        body = json.loads(item)["body"]["S"]
        event = json.loads(body)
        shape = (event["type"], tuple(event.get("data", {})))
        if shape not in shapes and shape[0] in OPTIONAL:
            shapes.add(shape)
            kept.append(body)
    write("events.jsonl", dict.fromkeys(kept))


def what_it_is(function, event, answer):
    """Invocations of which one is enough; nothing for one that failed because a provider was away."""
    failed = bool(answer and answer.get("batchItemFailures"))
    if "routeKey" in event:
        if answer["statusCode"] >= 500:
            return None
        body = event.get("body") or ""
        status = json.loads(body)["status"] if function == "update-status" else None
        return (function, event["routeKey"], answer["statusCode"], status)
    if "Records" not in event:
        return (function,)
    records = event["Records"]
    if records[0]["eventSource"] == "aws:sqs":
        kinds = {record["messageAttributes"]["type"]["stringValue"] for record in records}
        readable = all(record["body"].endswith("}}") for record in records)
        return None if failed and readable else (function, tuple(sorted(kinds)), failed)
    return (function, records[0]["eventName"], len(records) > 1)


def invocations():
    kept = {}
    for line in (MADE / "invocations.jsonl").read_text().splitlines():
        call = json.loads(line)
        function, event, answer = call["function"], call["event"], call["answer"]
        if "routeKey" in event:
            # The functions get the claims; the token itself is of no use to them.
            event["headers"].pop("authorization", None)
            answer = {"statusCode": answer["statusCode"]}
        what = what_it_is(function, event, answer)
        text = compact({"function": function, "event": event, "answer": answer})
        # A request with a key can be repeated.
        worth = ("idempotency-key" not in event.get("headers", {}), len(text), text)
        if what and (what not in kept or worth < kept[what]):
            kept[what] = worth
    write("invocations.jsonl", [kept[what][-1] for what in sorted(kept, key=str)])


def without(item, *attributes):
    return {name: value for name, value in item.items() if name not in attributes}


def body_without(item, change):
    body = json.loads(item["body"]["S"])
    change(body)
    return {**item, "body": {"S": compact(body)}}


def older():
    """Items as they were before attributes and members were added that this state of the code reads as something else."""
    database = sqlite3.connect(MADE / "state" / "orders.db")

    def of(table, sort, **wanted):
        rows = database.execute(f'SELECT item_json FROM "local-{table}Table" WHERE sk LIKE ? ORDER BY pk, sk', [sort])
        items = (json.loads(row[0]) for row in rows)
        return next(item for item in items if all(item[name]["S"] == value for name, value in wanted.items()))

    product = of("Catalog", "S:PRODUCT", sku="VASE-1")
    detail = of("Catalog", "S:PRODUCT#DETAIL", pk=product["pk"]["S"])
    added = ["written_off", "version", "weight_grams", "low_stock_threshold"]
    catalog = [
        {**without(product, *added), "received": {"N": str(int(product["received"]["N"]) - int(product["written_off"]["N"]))}},
        body_without(detail, dict.clear),
        without(of("Catalog", "S:TAX"), "version"),
        without(body_without(of("Catalog", "S:SHIPPING"), shipping_of_before), "version"),
        without(body_without(of("Catalog", "S:PROMOTIONS"), promotions_of_before), "version"),
    ]
    removed = next(json.loads(row[0]) for row in database.execute(
        'SELECT item_json FROM "local-OrdersTable" WHERE pk = \'S:REMOVED\''))
    orders = [body_without(removed, lambda body: body.pop("tries"))]
    draft = next(json.loads(row[0]) for row in database.execute(
        'SELECT item_json FROM "local-OrdersTable" WHERE sk = \'S:ORDER\' AND item_json LIKE \'%"status":{"S":"draft"}%\''))
    state = json.loads(draft["state"]["S"])
    del state["ledger"]
    orders.append({**without(draft, "request"), "state": {"S": compact(state)}})
    write("older/catalog.jsonl", map(compact, catalog))
    write("older/orders.jsonl", map(compact, orders))


def shipping_of_before(table):
    for method in table["methods"] if isinstance(table, dict) else table:
        for member in ("countries", "brackets", "minimum", "working_days", "free_from", "regions"):
            method.pop(member, None)


def promotions_of_before(table):
    for row in table["promotions"]:
        for member in ("automatic", "minimum", "starts_at", "ends_at", "max_uses", "max_uses_per_customer"):
            row.pop(member, None)


def copies():
    for name in ("names.json", "requests.json", "cursors.json", "public_events.jsonl"):
        (HERE / name).write_text((MADE / name).read_text())


state()
events()
older()
invocations()
copies()
