"""The stack: uploads, change sets, and what comes of them."""

import hashlib
import io
import json
import os
import re
import time
import zipfile
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError

from release import Refused, Settings

CODE_URI = re.compile(r"^(?P<before>\s+CodeUri: )target/lambda/(?P<function>[a-z-]+)/$", re.MULTILINE)
TEMPLATE_URL = re.compile(r"^(?P<before>\s+TemplateURL: )(?P<file>[a-z-]+\.yaml)$", re.MULTILINE)
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
# Seconds between two looks, and how often: an hour, since a canary of all functions takes its time.
PAUSE, LOOKS = 5, 720
# Kept when their stack goes, so that nothing is lost by mistake.
RETAINED = {"AWS::DynamoDB::Table": "table", "AWS::Cognito::UserPool": "user pool"}


class Account:
    """Clients of one account and region, each made once."""

    def __init__(self, settings: Settings):
        self.session = boto3.session.Session(region_name=os.environ.get("AWS_REGION") or settings.region)
        if not self.session.region_name:
            raise Refused("no region: set AWS_REGION, or region in samconfig.toml")
        self.region, self.clients = self.session.region_name, {}

    def client(self, service: str):
        if service not in self.clients:
            options = Config(retries={"mode": "standard"}, s3={"addressing_style": "path"})
            self.clients[service] = self.session.client(service, config=options)
        return self.clients[service]


def zipped(binary: Path, level: int) -> bytes:
    """The binary as Lambda wants it; the same bytes for the same binary."""
    entry = zipfile.ZipInfo("bootstrap")
    entry.external_attr = 0o755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr(entry, binary.read_bytes(), compresslevel=level)
    return written.getvalue()


class Bucket:
    """Where uploads are kept: one bucket for an account and region, a folder for each stack."""

    def __init__(self, account: Account, stack: str, name: str | None):
        self.s3, self.stack, self.region = account.client("s3"), stack, account.region
        self.name = name or f"oms-deploy-{account.client('sts').get_caller_identity()['Account']}-{self.region}"

    def exists(self):
        try:
            self.s3.head_bucket(Bucket=self.name)
            return
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("404", "NoSuchBucket", "NotFound"):
                raise Refused(f"bucket {self.name}: {error}") from error
        # The first region has no name of its own here.
        where = {} if self.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": self.region}}
        self.s3.create_bucket(Bucket=self.name, **where)
        closed = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
        self.s3.put_public_access_block(Bucket=self.name, PublicAccessBlockConfiguration=closed)

    def has(self, key: str) -> bool:
        try:
            self.s3.head_object(Bucket=self.name, Key=f"{self.stack}/{key}")
        except ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchKey", "NotFound"):
                return False
            raise
        return True

    def put(self, key: str, content: bytes):
        self.s3.put_object(Bucket=self.name, Key=f"{self.stack}/{key}", Body=content)

    def get(self, key: str) -> bytes:
        try:
            return self.s3.get_object(Bucket=self.name, Key=f"{self.stack}/{key}")["Body"].read()
        except ClientError as error:
            raise Refused(f"nothing was uploaded as {key}: {error.response['Error']['Code']}") from error

    def uri(self, key: str) -> str:
        return f"s3://{self.name}/{self.stack}/{key}"

    def url(self, key: str) -> str:
        return f"https://s3.{self.region}.amazonaws.com/{self.name}/{self.stack}/{key}"


def uploaded(bucket: Bucket, template: Path, packaged: Path, digests: dict[str, str], level: int) -> str:
    """The template with the places of what it names; what is there already is not uploaded again."""

    def function(match):
        key = f"{match['function']}-{digests[match['function']][:16]}.zip"
        if not bucket.has(key):
            bucket.put(key, zipped(packaged / match["function"] / "bootstrap", level))
        return f"{match['before']}{bucket.uri(key)}"

    def nested(match):
        content = (template.parent / match["file"]).read_bytes()
        key = f"{hashlib.sha256(content).hexdigest()[:16]}-{match['file']}"
        bucket.put(key, content)
        return f"{match['before']}{bucket.url(key)}"

    written = template.read_text(encoding="utf-8")
    text, functions = CODE_URI.subn(function, written)
    text, stacks = TEMPLATE_URL.subn(nested, text)
    for found, kind in ((functions, "AWS::Serverless::Function\n"), (stacks, "AWS::CloudFormation::Stack\n")):
        if found != written.count(kind):
            raise Refused(f"the template has {written.count(kind)} of {kind.strip()}, and {found} were uploaded")
    return text


def keep(bucket: Bucket, release: str, text: str, values: dict[str, str]):
    """What it takes to come back to this release."""
    bucket.put(f"releases/{release}/template.yaml", text.encode())
    bucket.put(f"releases/{release}/parameters.json", json.dumps(values, indent=2).encode())


def kept(bucket: Bucket, release: str) -> dict[str, str]:
    return json.loads(bucket.get(f"releases/{release}/parameters.json"))


class Stack:
    def __init__(self, cloudformation, name: str):
        self.cloudformation, self.name = cloudformation, name

    def described(self) -> dict | None:
        try:
            return self.cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise

    def outputs(self) -> dict[str, str]:
        return {output["OutputKey"]: output["OutputValue"] for output in self.described().get("Outputs", [])}

    def waited(self, waiter: str, **more):
        self.cloudformation.get_waiter(waiter).wait(
            StackName=self.name, WaiterConfig={"Delay": PAUSE, "MaxAttempts": LOOKS}, **more)

    def change(self, url: str, values: dict[str, str], tags: dict[str, str], may_go_on) -> bool:
        """Changes the stack, or makes it; whether there was anything to change."""
        before = self.described()
        state = before["StackStatus"] if before else None
        if state == "ROLLBACK_COMPLETE":
            # A creation that failed has left nothing but its name.
            self.cloudformation.delete_stack(StackName=self.name)
            self.waited("stack_delete_complete")
            before = None
        elif state and (state.endswith("_IN_PROGRESS") and state != "REVIEW_IN_PROGRESS"):
            raise Refused(f"{self.name} is being changed by somebody else: {state}")
        new = before is None or state == "REVIEW_IN_PROGRESS"
        change_set = f"deploy-{int(time.time() * 1000)}"
        self.cloudformation.create_change_set(
            StackName=self.name, ChangeSetName=change_set, ChangeSetType="CREATE" if new else "UPDATE", TemplateURL=url,
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()], Capabilities=CAPABILITIES)
        try:
            self.waited("change_set_create_complete", ChangeSetName=change_set)
        except WaiterError as error:
            return self.nothing_to_do(change_set, error)
        changes = self.changes(change_set)
        if not may_go_on(changes):
            self.cloudformation.delete_change_set(StackName=self.name, ChangeSetName=change_set)
            raise Refused("nothing was changed")
        self.cloudformation.execute_change_set(StackName=self.name, ChangeSetName=change_set)
        try:
            self.waited("stack_create_complete" if new else "stack_update_complete")
        except WaiterError as error:
            raise Refused("\n".join([f"{self.name} was not changed", *self.reasons(), *self.left_behind(new)])) from error
        return True

    def nothing_to_do(self, change_set: str, error: WaiterError) -> bool:
        told = self.cloudformation.describe_change_set(StackName=self.name, ChangeSetName=change_set)
        why = told.get("StatusReason", "")
        self.cloudformation.delete_change_set(StackName=self.name, ChangeSetName=change_set)
        if "didn't contain changes" in why or "No updates are to be performed" in why:
            return False
        raise Refused(f"{self.name}: {why or error}") from error

    def changes(self, change_set: str) -> list[str]:
        pages = self.cloudformation.get_paginator("describe_change_set").paginate(
            StackName=self.name, ChangeSetName=change_set)
        found = []
        for page in pages:
            for change in page["Changes"]:
                one = change["ResourceChange"]
                replaced = " (replaced)" if one.get("Replacement") == "True" else ""
                found.append(f"{one['Action']:7} {one['ResourceType']:34} {one['LogicalResourceId']}{replaced}")
        return found

    def reasons(self) -> list[str]:
        events = self.cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        return [f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"
                for event in reversed(events) if event["ResourceStatus"].endswith("FAILED")]

    def left_behind(self, new: bool) -> list[str]:
        """A first creation that failed keeps what holds data; empty, it is only in the way of the next try."""
        if not new:
            return []
        found = self.cloudformation.list_stack_resources(StackName=self.name)["StackResourceSummaries"]
        kept_ones = [one for one in found if one["ResourceType"] in RETAINED and one.get("PhysicalResourceId")]
        return [f"left behind: {RETAINED[one['ResourceType']]} {one['PhysicalResourceId']}; see docs/operations.md, "
                "A first deployment that failed" for one in kept_ones]
