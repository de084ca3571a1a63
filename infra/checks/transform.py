"""Expands template.yaml as AWS does on deployment, fails where AWS would, and looks at what came out: as it is by default
and as a canary.

    python3 transform.py template.yaml [where to write the result]
"""

import json
import os
import sys
from collections import Counter

from samtranslator.public.exceptions import InvalidDocumentException
from samtranslator.translator.transform import transform

from check_template import OPEN_ROUTES, find, load

# The translator wants a region to choose the partition by; nothing is called there.
os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")


# CloudFormation takes 500 in one stack; a fifth is kept for what comes next.
MAX_RESOURCES = 400
# CloudFormation takes no more in one template.
MAX_BYTES = 1_000_000

# What a canary is watched by; each must exist, or a bad release stays.
ROLLBACK_ALARMS = 5

# The one role that nobody wrote down: CodeDeploy's own, with AWS's policy for moving an alias.
CANARY_ROLES = {"CodeDeployServiceRole"}


class NoManagedPolicies:
    """Stands in for the call to IAM that looks up managed policies: no role of a function has any."""

    def load(self):
        return {}


def packaged(template):
    """What `sam deploy` does first: local code becomes an object in S3."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = {"Bucket": "packaged", "Key": "code.zip"}
    return template


def expanded_with(path, **parameters):
    return transform(packaged(load(path)), parameters, NoManagedPolicies())


def of_type(template, kind):
    return {name: resource for name, resource in template["Resources"].items() if resource["Type"] == kind}


def open_routes(expanded):
    """Routes that the gateway would let anyone call."""
    for resource in of_type(expanded, "AWS::ApiGatewayV2::Api").values():
        for path, methods in resource["Properties"]["Body"]["paths"].items():
            for method, operation in methods.items():
                if operation.get("security", [{"NONE": []}]) == [{"NONE": []}]:
                    yield f"{method.upper()} {path}"


def open_where_it_should_be(expanded):
    for route in set(open_routes(expanded)) ^ OPEN_ROUTES:
        yield f"{route} would not be open or closed as it should"


def roles_are_those_written(expanded, written, more=frozenset()):
    for role in of_type(expanded, "AWS::IAM::Role").keys() - written - more:
        yield f"{role} would be made by the transform, with more rights than anybody asked for"


def within_limits(expanded):
    if len(expanded["Resources"]) > MAX_RESOURCES:
        yield f"{len(expanded['Resources'])} resources are more than {MAX_RESOURCES}: little room is left in the stack"
    if len(json.dumps(expanded)) > MAX_BYTES:
        yield "the template is too large for CloudFormation"


def everything_calls_the_alias(expanded):
    """Routes, queues, streams and schedules call the alias, or a release would pass them by."""
    aliases = of_type(expanded, "AWS::Lambda::Alias")
    functions = of_type(expanded, "AWS::Lambda::Function")
    for function in functions:
        if f"{function}Aliaslive" not in aliases:
            yield f"{function} has no alias"
    for name, resource in expanded["Resources"].items():
        called = []
        if resource["Type"] in ("AWS::Lambda::EventSourceMapping", "AWS::Lambda::Permission"):
            called = [resource["Properties"]["FunctionName"]]
        elif resource["Type"] == "AWS::Events::Rule":
            called = [target["Arn"] for target in resource["Properties"]["Targets"]]
        elif resource["Type"] == "AWS::ApiGatewayV2::Api":
            called = [uri for _, uri in find(resource["Properties"]["Body"], "uri")]
        for target in called:
            text = json.dumps(target)
            if not any(f'"{alias}"' in text or f"${{{alias}}}" in text for alias in aliases):
                yield f"{name} calls a function beside its alias: {text}"


def a_release_is_a_version(before, after):
    """A new Release is a new version of every function, also where only a parameter's value changed."""
    for name in of_type(before, "AWS::Lambda::Version").keys() & of_type(after, "AWS::Lambda::Version").keys():
        yield f"{name} would not be published anew by another Release"


def nothing_is_deployed_by_steps(expanded):
    for name, resource in expanded["Resources"].items():
        if resource["Type"].startswith("AWS::CodeDeploy::"):
            yield f"{name} would be made without a canary"


def canaries_are_taken_back(expanded):
    """Every function's release is watched by alarms that exist."""
    alarms = of_type(expanded, "AWS::CloudWatch::Alarm")
    groups = of_type(expanded, "AWS::CodeDeploy::DeploymentGroup")
    if len(groups) != len(of_type(expanded, "AWS::Lambda::Function")):
        yield f"only {len(groups)} functions are released step by step"
    for name, group in groups.items():
        watched = [alarm["Name"].get("Ref") for alarm in group["Properties"]["AlarmConfiguration"]["Alarms"]]
        if len(watched) < ROLLBACK_ALARMS or set(watched) - alarms.keys():
            yield f"{name} is watched by {watched}"
        if "DEPLOYMENT_STOP_ON_ALARM" not in group["Properties"]["AutoRollbackConfiguration"]["Events"]:
            yield f"{name} is not taken back"


def problems(path):
    written = {name for name, r in load(path)["Resources"].items() if r["Type"] == "AWS::IAM::Role"}
    usual, released = expanded_with(path, Release="a1"), expanded_with(path, Release="b2")
    canary = expanded_with(path, Canary="true", Release="a1")
    yield from open_where_it_should_be(usual)
    yield from roles_are_those_written(usual, written)
    yield from nothing_is_deployed_by_steps(usual)
    yield from a_release_is_a_version(usual, released)
    for expanded in (usual, canary):
        yield from within_limits(expanded)
        yield from everything_calls_the_alias(expanded)
    yield from roles_are_those_written(canary, written, CANARY_ROLES)
    yield from canaries_are_taken_back(canary)


def main():
    path = sys.argv[1]
    try:
        found = list(problems(path))
        expanded = expanded_with(path)
    except InvalidDocumentException as error:
        print(error.message, *(cause.message for cause in error.causes), sep="\n")
        return 1
    if len(sys.argv) > 2:
        with open(sys.argv[2], "w", encoding="utf-8") as out:
            json.dump(expanded, out, indent=2)
    for problem in found:
        print(problem)
    kinds = Counter(resource["Type"].split("::")[1] for resource in expanded["Resources"].values())
    print(f"{len(expanded['Resources'])} resources:", ", ".join(f"{kind} {count}" for kind, count in kinds.most_common(8)))
    print(f"{len(expanded_with(path, Canary='true', Release='a1')['Resources'])} resources with a canary")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
