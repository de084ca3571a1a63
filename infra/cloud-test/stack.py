"""Puts the template and the packaged functions onto what answers as AWS, as `sam deploy` does."""

import hashlib
import io
import json
import re
import zipfile
from pathlib import Path

TEMPLATE_URL = re.compile(r"^(?P<before>\s+TemplateURL: )(?P<file>[a-z-]+\.yaml)$", re.MULTILINE)
CODE_URI = re.compile(r"^(?P<before>\s+CodeUri: )target/lambda/(?P<function>[a-z-]+)/$", re.MULTILINE)


class Refused(Exception):
    """The deployment did not come about."""


def zipped(binary: Path) -> bytes:
    """The binary as Lambda wants it; the same bytes for the same binary."""
    entry = zipfile.ZipInfo("bootstrap")
    entry.external_attr = 0o755 << 16
    # Hardly compressed: they only go from one directory to another.
    entry.compress_type = zipfile.ZIP_DEFLATED
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr(entry, binary.read_bytes(), compresslevel=1)
    return written.getvalue()


def upload(aws, bucket: str, template: Path, packaged: Path) -> str:
    """Uploads every function and nested stack that the template names, and names the uploads in it: nothing else of it
    changes."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": aws.region_name})

    def uploaded(match):
        code = zipped(packaged / match["function"] / "bootstrap")
        key = f"{match['function']}-{hashlib.sha256(code).hexdigest()[:16]}.zip"
        s3.put_object(Bucket=bucket, Key=key, Body=code)
        return f"{match['before']}s3://{bucket}/{key}"

    def uploaded_stack(match):
        s3.put_object(Bucket=bucket, Key=match["file"], Body=(template.parent / match["file"]).read_bytes())
        return f"{match['before']}{address(aws, bucket, match['file'])}"

    written = template.read_text()
    text, functions = CODE_URI.subn(uploaded, written)
    if functions != written.count("AWS::Serverless::Function\n"):
        raise Refused(f"the template has functions without a package: {functions} were uploaded")
    text, stacks = TEMPLATE_URL.subn(uploaded_stack, text)
    if stacks != written.count("AWS::CloudFormation::Stack\n"):
        raise Refused(f"the template has nested stacks without a file: {stacks} were uploaded")
    return text


def address(aws, bucket: str, key: str) -> str:
    return f"https://s3.{aws.region_name}.amazonaws.com/{bucket}/{key}"


def deploy(aws, name: str, text: str, bucket: str, parameters: dict[str, str]) -> dict[str, str]:
    """Makes the stack; answers with its outputs."""
    aws.client("s3").put_object(Bucket=bucket, Key="template.yaml", Body=text.encode())
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(
        StackName=name,
        TemplateURL=address(aws, bucket, "template.yaml"),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        OnFailure="DO_NOTHING",
    )
    wait = cloudformation.get_waiter("stack_create_complete")
    try:
        wait.wait(StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 180})
    except Exception as error:
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        reasons = [f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"
                   for event in events if event["ResourceStatus"].endswith("FAILED")]
        raise Refused("\n".join([str(error), *reasons])) from error
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def resources(aws, name: str) -> dict[str, str]:
    """Physical ids by logical ones."""
    pages = aws.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=name)
    return {entry["LogicalResourceId"]: entry["PhysicalResourceId"]
            for page in pages for entry in page["StackResourceSummaries"]}


def processed(aws, name: str) -> dict:
    template = aws.client("cloudformation").get_template(StackName=name, TemplateStage="Processed")["TemplateBody"]
    return template if isinstance(template, dict) else json.loads(template)


def wire(aws, name: str, template: dict, issuer: str, audience: str) -> str:
    """Makes the routes of the HTTP API, which ministack does not read out of the API's OpenAPI body; answers with its
    id. Which function serves a route, and whether it asks for a token, is as the transform has worked out."""
    gateway, known = aws.client("apigatewayv2"), resources(aws, name)
    apis = [logical for logical, entry in template["Resources"].items() if entry["Type"] == "AWS::ApiGatewayV2::Api"]
    [api] = apis
    authorizer = gateway.create_authorizer(
        ApiId=known[api], Name="Tokens", AuthorizerType="JWT", IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": issuer, "Audience": [audience]},
    )["AuthorizerId"]
    for path, methods in template["Resources"][api]["Properties"]["Body"]["paths"].items():
        for method, operation in methods.items():
            uri = json.dumps(operation["x-amazon-apigateway-integration"]["uri"])
            serves = known[re.search(r"functions/\$\{(\w+)[.}]", uri)[1]]
            # What an alias is called is its ARN already.
            if not serves.startswith("arn:"):
                serves = aws.client("lambda").get_function(FunctionName=serves)["Configuration"]["FunctionArn"]
            integration = gateway.create_integration(
                ApiId=known[api], IntegrationType="AWS_PROXY", IntegrationUri=serves, PayloadFormatVersion="2.0",
            )["IntegrationId"]
            asks = operation.get("security", [{"NONE": []}]) != [{"NONE": []}]
            gateway.create_route(
                ApiId=known[api], RouteKey=f"{method.upper()} {path}", Target=f"integrations/{integration}",
                **({"AuthorizationType": "JWT", "AuthorizerId": authorizer} if asks else {"AuthorizationType": "NONE"}),
            )
    return known[api]
