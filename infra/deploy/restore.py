"""Puts both tables back to one second, into new tables, and lets the stack take them over. Nothing of the old ones is touched.

    infra/deploy.sh --restore prod 2026-11-26T21:00:00Z

It names the tables anew in the sources of the template. Until that is deployed, functions go on with the old ones
(docs/operations.md, Restore the tables).
"""

import argparse
import json
import re
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError, WaiterError

import release
import cloudformation

ROOT = Path(__file__).resolve().parents[2]
TABLES = ("OrdersTable", "CatalogTable")
# What an imported table must say of itself: as much as tells it from others, so that the next deployment sees what is missing.
SAID = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
PAUSE, LOOKS = 5, 720


def restored(dynamodb, table: str, target: str, when: datetime):
    """A new table with what the old one held at that second. Asked again, it is the same table."""
    try:
        dynamodb.restore_table_to_point_in_time(SourceTableName=table, TargetTableName=target, RestoreDateTime=when)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("TableAlreadyExistsException", "ResourceInUseException"):
            raise
    for _ in range(LOOKS):
        if dynamodb.describe_table(TableName=target)["Table"]["TableStatus"] == "ACTIVE":
            return
        time.sleep(PAUSE)
    raise release.Refused(f"{target} is not restored yet: run this again")


def next_name(names, table: str) -> str:
    """`OrdersTable2`, or the next number that the stack does not have."""
    number = 2
    while f"{table}{number}" in names:
        number += 1
    return f"{table}{number}"


def plain(value):
    """Texts and numbers as a template has them, without what the transform has left."""
    return json.loads(json.dumps(value))


def imported(it: cloudformation.Stack, bucket: cloudformation.Bucket, targets: dict[str, str]) -> dict[str, str]:
    """Brings the new tables into the stack beside the old ones; answers with their names there. The template is the one that
    CloudFormation has expanded: an import takes no transform. Nothing else may change in it."""
    client = it.cloudformation
    body = client.get_template(StackName=it.name, TemplateStage="Processed")["TemplateBody"]
    template = plain(body if isinstance(body, dict) else json.loads(body))
    names, asked = {}, []
    for table, target in targets.items():
        old = template["Resources"][table]
        names[table] = next_name(template["Resources"], table)
        template["Resources"][names[table]] = {
            "Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain",
            "Properties": {"TableName": target} | {key: old["Properties"][key] for key in SAID if key in old["Properties"]}}
        asked.append({"ResourceType": "AWS::DynamoDB::Table", "LogicalResourceId": names[table],
                      "ResourceIdentifier": {"TableName": target}})
    key = f"restores/{int(time.time())}.json"
    bucket.put(key, json.dumps(template).encode())
    change_set = f"restore-{int(time.time() * 1000)}"
    values = [{"ParameterKey": one["ParameterKey"], "UsePreviousValue": True} for one in it.described()["Parameters"]]
    client.create_change_set(
        StackName=it.name, ChangeSetName=change_set, ChangeSetType="IMPORT", TemplateURL=bucket.url(key), Parameters=values,
        Capabilities=cloudformation.CAPABILITIES, ResourcesToImport=asked)
    try:
        it.waited("change_set_create_complete", ChangeSetName=change_set)
        client.execute_change_set(StackName=it.name, ChangeSetName=change_set)
        it.waited("stack_import_complete")
    except (WaiterError, ClientError) as error:
        told = client.describe_change_set(StackName=it.name, ChangeSetName=change_set)
        raise release.Refused(f"the tables were restored and not taken over: {told.get('StatusReason') or error}") from error
    return names


def taken_over(text: str, names: dict[str, str], targets: dict[str, str]) -> str:
    """A template, or a part of one, with the new tables in the place of the old. Each is called by its name from now on: a table
    without one that is there under some name would be another table to CloudFormation."""
    for old, new in names.items():
        text = re.sub(rf"\b{old}\b", new, text)
        head = rf"(^  {new}:\n    Type: AWS::DynamoDB::Table\n(?:    .*\n)*?    Properties:\n)(?:      TableName: .*\n)?"
        text = re.sub(head, rf"\g<1>      TableName: {targets[old]}\n", text, flags=re.MULTILINE)
    return text


def main() -> int:
    parser = argparse.ArgumentParser(prog="infra/deploy.sh --restore", description=__doc__.split("\n\n")[0])
    parser.add_argument("environment")
    parser.add_argument("second", type=lambda text: datetime.fromisoformat(text).astimezone(timezone.utc))
    parser.add_argument("--bucket")
    parser.add_argument("--config", type=Path, default=ROOT / "samconfig.toml", help=argparse.SUPPRESS)
    parser.add_argument("--sources", type=Path, default=ROOT, help=argparse.SUPPRESS)
    given = parser.parse_args()
    try:
        settings = release.Settings(given.config, given.environment)
        account = cloudformation.Account(settings)
        it = cloudformation.Stack(account.client("cloudformation"), settings.stack)
        outputs = it.outputs()
        targets = {}
        for table in TABLES:
            source = outputs[f"{table}Name"]
            targets[table] = f"{source}-{given.second:%Y%m%dT%H%M%S}"
            restored(account.client("dynamodb"), source, targets[table], given.second)
            print(f"{source} as of {given.second:%Y-%m-%dT%H:%M:%SZ} is {targets[table]}")
        bucket = cloudformation.Bucket(account, settings.stack, given.bucket)
        names = imported(it, bucket, targets)
    except release.Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"AWS: {error}", file=sys.stderr)
        return 1
    for table, name in names.items():
        print(f"the stack has it as {name}")
    for part in [*given.sources.glob("infra/template/*.yaml"), *given.sources.glob("functions/*/functions.yaml")]:
        part.write_text(taken_over(part.read_text(encoding="utf-8"), names, targets), encoding="utf-8")
    print(f"let functions use them: cargo run -p oms-template && infra/deploy.sh {given.environment}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
