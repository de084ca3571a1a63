"""What the fuzzer needs to know beyond openapi.yaml: ids of things that exist, bodies that nearly fit, and what must never
be told. Loaded by schemathesis (SCHEMATHESIS_HOOKS); the file that `fuzz.py` names in OMS_FUZZ_WORLD says what there is."""

import ast
import json
import os
import pathlib
import string
import threading
import zlib

import schemathesis
from hypothesis import strategies as st

# Python 3.11 counts how deep it is in a syntax tree for all threads together: two workers that parse at once end in
# "AST constructor recursion depth mismatch" (CPython issue 106905). Hypothesis parses sources to describe its filters.
PARSE, PARSING = ast.parse, threading.Lock()


def parse_alone(*arguments, **options):
    with PARSING:
        return PARSE(*arguments, **options)


ast.parse = parse_alone

WORLD = json.loads(pathlib.Path(os.environ["OMS_FUZZ_WORLD"]).read_text())

# Of five requests about a thing, so many name one that exists; else most would meet a 404.
REAL_NAMES = 4
UNREAL_NAMES = 1


def existing(name):
    """Ids for a parameter of this name: one's own, somebody else's, and none."""
    return WORLD["names"].get(name)


def documented(content, document):
    """The examples that the document gives for a body: good enough where nothing in it names a thing that exists."""
    name = content.get("schema", {}).get("$ref", "").rsplit("/", 1)[-1]
    return document["components"]["schemas"].get(name, {}).get("examples", [])


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Good requests, for those phases that vary an example place by place."""
    for path in raw_schema["paths"].values():
        for operation in path.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                bodies = WORLD["bodies"].setdefault(operation["operationId"], documented(content, raw_schema))
                content["examples"] = {f"good-{number}": {"value": body} for number, body in enumerate(bodies)}
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path":
                    parameter["example"] = existing(parameter["name"])[0]


@schemathesis.hook
def before_add_examples(context, examples):
    """Each word of a query by itself: of several at once, one is mostly refused, and hides what the others would do."""
    operation = context.operation
    known = {parameter.name: existing(parameter.name)[0] for parameter in operation.path_parameters}
    for name, values in WORLD["queries"].get(operation.definition.raw.get("operationId"), {}).items():
        examples.extend(operation.Case(path_parameters=dict(known), query={name: value}) for value in values)
    for body in WORLD["large"].get(operation.definition.raw.get("operationId"), []):
        kind = "application/json" if isinstance(body, dict) else "text/csv"
        examples.append(operation.Case(path_parameters=dict(known), body=body, media_type=kind))


@schemathesis.hook
def before_call(context, case, **kwargs):
    """Where a phase made up an id, most requests get one that exists. Which follows from the request alone."""
    parameters = case.path_parameters or {}
    for name, value in parameters.items():
        known = existing(name)
        choice = zlib.crc32(repr((name, value, case.body, case.query, sorted((case.headers or {}).items()))).encode())
        if known and value not in known and choice % (REAL_NAMES + UNREAL_NAMES) < REAL_NAMES:
            parameters[name] = known[choice // 7 % len(known)]


@schemathesis.hook
def before_generate_path_parameters(context, strategy):
    known = {parameter.name: existing(parameter.name) for parameter in context.operation.path_parameters}
    if not known or not all(known.values()):
        return strategy
    real = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in known.items()})
    return mostly(real, strategy)


def mostly(real, strategy):
    return st.one_of(*([real] * REAL_NAMES), *([strategy] * UNREAL_NAMES))


@schemathesis.hook
def before_generate_query(context, strategy):
    """Words that queries are made of."""
    words = WORLD["queries"].get(context.operation.definition.raw.get("operationId"))
    if not words:
        return strategy
    some = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in words.items()})
    return st.one_of(strategy, some)


@schemathesis.hook
def before_generate_headers(context, strategy):
    names = {parameter.name for parameter in context.operation.headers}
    some = {}
    if "Idempotency-Key" in names:
        some["Idempotency-Key"] = st.one_of(
            st.sampled_from(["a", "b", "c"]), st.text(string.ascii_letters + string.digits, min_size=1, max_size=300)
        )
    if "If-Match" in names:
        some["If-Match"] = st.sampled_from(['"1"', '"2"', 'W/"3"', "*", '"x"', '"-1"', '"99999999999999999999"'])
    if not some:
        return strategy
    return st.one_of(strategy, st.fixed_dictionaries({}, optional=some))


@schemathesis.hook
def before_generate_body(context, strategy):
    """Half of the bodies are good ones with some members as generated: past the first check, to the rules behind it."""
    good = WORLD["bodies"].get(context.operation.definition.raw.get("operationId"))
    if not good:
        return strategy
    return st.one_of(strategy, st.builds(graft, st.sampled_from(good), strategy, st.sets(st.integers(0, 30), max_size=2)))


def graft(good, generated, places):
    """The good body with what stands at some of its places taken from the generated one."""
    if not isinstance(good, dict) or not isinstance(generated, dict) or not generated:
        return good
    grafted = dict(good)
    names = sorted(map(str, generated))
    for place in places:
        name = names[place % len(names)]
        if name in generated:
            grafted[name] = generated[name]
    return grafted


def sent(case, response):
    """All that the client has said itself."""
    request = response.request
    body = request.body or b""
    if isinstance(body, str):
        body = body.encode()
    return " ".join([request.url, *map(str, request.headers.values())]) + body.decode("utf-8", "replace")


def said(response):
    """All that the answer says, headers too."""
    return response.text + " " + json.dumps(dict(response.headers), ensure_ascii=False)


@schemathesis.check
def nobody_elses_data(context, response, case):
    """What only another customer and the shop know stands in no answer, unless it was sent."""
    text = said(response)
    for secret in WORLD["secrets"]:
        if secret in text and secret not in sent(case, response):
            raise AssertionError(f"{secret!r} belongs to another customer")


@schemathesis.check
def no_internals(context, response, case):
    """No answer tells what we are made of."""
    text = said(response)
    for word in WORLD["internals"]:
        if word in text and word not in sent(case, response):
            raise AssertionError(f"{word!r} is nobody's business")
