"""Expands template.yaml as AWS does on deployment, fails where AWS would, and looks at what came out.

    python3 transform.py template.yaml [where to write the result]
"""

import json
import os
import sys

from samtranslator.public.exceptions import InvalidDocumentException
from samtranslator.translator.transform import transform

from check_template import OPEN_ROUTES, load

# The translator wants a region to choose the partition by; nothing is called there.
os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")


class NoManagedPolicies:
    """Stands in for the call to IAM that looks up managed policies: no role here has any."""

    def load(self):
        return {}


def packaged(template):
    """What `sam deploy` does first: local code becomes an object in S3."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = {"Bucket": "packaged", "Key": "code.zip"}
    return template


def roles(template):
    return {name for name, resource in template["Resources"].items() if resource["Type"] == "AWS::IAM::Role"}


def open_routes(expanded):
    """Routes that the gateway would let anyone call."""
    for resource in expanded["Resources"].values():
        if resource["Type"] == "AWS::ApiGatewayV2::Api":
            for path, methods in resource["Properties"]["Body"]["paths"].items():
                for method, operation in methods.items():
                    if operation.get("security", [{"NONE": []}]) == [{"NONE": []}]:
                        yield f"{method.upper()} {path}"


def main():
    template = load(sys.argv[1])
    written = roles(template)
    try:
        expanded = transform(packaged(template), {}, NoManagedPolicies())
    except InvalidDocumentException as error:
        print(error.message, *(cause.message for cause in error.causes), sep="\n")
        return 1
    if len(sys.argv) > 2:
        with open(sys.argv[2], "w", encoding="utf-8") as out:
            json.dump(expanded, out, indent=2)
    failed = False
    for role in roles(expanded) - written:
        print(f"{role} would be made by the transform, with more rights than anybody asked for")
        failed = True
    for route in set(open_routes(expanded)) ^ OPEN_ROUTES:
        print(f"{route} would not be open or closed as it should")
        failed = True
    print(f"{len(expanded['Resources'])} resources")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
