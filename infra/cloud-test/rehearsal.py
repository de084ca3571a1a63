"""Deployments by infra/deploy.sh's own code, one after the other: the first, the same again, one function changed, only a
parameter changed, and the way back. After each, what the alias `live` points to is what was deployed."""

import os
import re
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "infra/deploy"))

from restore import taken_over  # noqa: E402

DEPLOY, RESTORE = ROOT / "infra/deploy/deploy.py", ROOT / "infra/deploy/restore.py"
TABLES = {"OrdersTable": "ORDERS_TABLE", "CatalogTable": "CATALOG_TABLE"}
# The function that a release changes, and the one that shows a parameter.
CHANGED, TELLS = "view-stock", "notify"


class Failed(Exception):
    """A deployment did not do what it should."""


class Deployments:
    """Deploys one stack, as a person does who runs the script."""

    def __init__(self, aws, endpoint: str, scratch: Path, stack: str, packaged: Path, template: Path, parameters: dict[str, str]):
        self.aws, self.scratch, self.stack, self.packaged, self.template = aws, scratch, stack, packaged, template
        self.config = scratch / "samconfig.toml"
        self.config.write_text(f'[test.deploy.parameters]\nstack_name = "{stack}"\ntags = "service=orders stage=dev"\n')
        self.common = [sys.executable, str(DEPLOY), "test", "--config", str(self.config), "--template", str(template),
                       "--compression", "1", "--yes"]
        self.parameters = [f"{name}={value}" for name, value in parameters.items()]
        self.environment = os.environ | {
            "AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": aws.region_name}

    def run(self, *more: str, packaged: Path | None = None) -> tuple[str, str]:
        """The release, and what was said."""
        if "--back-to" not in more:
            more = (*self.parameters, "--packaged", str(packaged or self.packaged), *more)
        done = subprocess.run([*self.common, *more], env=self.environment, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False)
        found = re.search(r"^release ([0-9a-f]{10}) ", done.stdout, re.MULTILINE)
        if done.returncode != 0 or not found:
            raise Failed(f"{done.args}: {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
        return found[1], done.stdout

    def restore(self) -> tuple[dict[str, str], dict[str, str]]:
        """Both tables as they are now, into new ones that the stack takes over: its names for them, and their own."""
        now = datetime.now(timezone.utc).replace(microsecond=0).isoformat()
        done = subprocess.run([sys.executable, str(RESTORE), "test", now, "--config", str(self.config), "--sources",
                               str(self.scratch)], env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failed(f"restore: {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
        names = re.findall(r"^the stack has it as (\w+)$", done.stdout, re.MULTILINE)
        targets = re.findall(r" is (\S+)$", done.stdout, re.MULTILINE)
        return dict(zip(TABLES, names)), dict(zip(TABLES, targets))

    def live(self, functions: list[str]) -> dict[str, dict]:
        """What the alias of each function points to."""
        client = self.aws.client("lambda")
        return {function: client.get_function_configuration(FunctionName=f"{self.stack}-{function}", Qualifier="live")
                for function in functions}


def must(holds: bool, what: str):
    if not holds:
        raise Failed(what)


def rehearse(deployments: Deployments, first: str):
    functions = sorted(entry.name for entry in deployments.packaged.iterdir())
    before = deployments.live(functions)
    again, said = deployments.run()
    must(again == first and "nothing has changed" in said, f"the same again is another release: {first}, {again}\n{said}")
    must(versions(deployments.live(functions)) == versions(before), "the same again moved an alias")

    changed = another(deployments)
    second, _ = deployments.run(packaged=changed)
    after = deployments.live(functions)
    must(second != first, "another binary is the same release")
    moved(before, after, "a changed function")
    codes = {name for name in functions if after[name]["CodeSha256"] != before[name]["CodeSha256"]}
    must(codes == {CHANGED}, f"the code of {sorted(codes)} is another, where only {CHANGED} was changed")

    third, _ = deployments.run("ShopName=The Other Shop", packaged=changed)
    renamed = deployments.live(functions)
    must(third not in (first, second), "another parameter is the same release")
    moved(after, renamed, "a changed parameter")
    must(shop(renamed) == "The Other Shop", f"{TELLS} still says {shop(renamed)}")

    back, _ = deployments.run("--back-to", first)
    restored = deployments.live(functions)
    must(back == first, f"back to {first} is {back}")
    moved(renamed, restored, "the way back")
    must(shop(restored) == shop(before), f"{TELLS} still says {shop(restored)}")
    must(restored[CHANGED]["CodeSha256"] == before[CHANGED]["CodeSha256"], f"{CHANGED} still has the later code")


def rehearse_a_restore(deployments: Deployments):
    """Both tables are lost: functions end up with the restored ones, and nothing else is another."""
    dynamodb, cloudformation = deployments.aws.client("dynamodb"), deployments.aws.client("cloudformation")

    def ids() -> dict[str, str]:
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=deployments.stack)
        return {one["LogicalResourceId"]: one["PhysicalResourceId"] for page in pages for one in page["StackResourceSummaries"]}

    before = ids()
    items = {table: dynamodb.scan(TableName=before[table], Select="COUNT")["Count"] for table in TABLES}
    names, targets = deployments.restore()
    must(names.keys() == TABLES.keys() == targets.keys(), f"the stack took over {names}, {targets}")
    place = deployments.scratch / "restored"
    place.mkdir()
    written = (ROOT / "template.yaml").read_text(encoding="utf-8")
    (place / "template.yaml").write_text(taken_over(written, names, targets))
    (place / "observability.yaml").write_text((ROOT / "observability.yaml").read_text(encoding="utf-8"))
    deployments.run("--template", str(place / "template.yaml"))
    after = ids()
    must(after["Api"] == before["Api"], "the API has another address")
    variables = deployments.live([TELLS])[TELLS]["Environment"]["Variables"]
    for table, variable in TABLES.items():
        new = after[names[table]]
        must(new == targets[table] and variables[variable] == new, f"functions use {variables[variable]}, not {targets[table]}")
        count = dynamodb.scan(TableName=new, Select="COUNT")["Count"]
        must(count == items[table], f"{new} has {count} items, {before[table]} had {items[table]}")
        described = dynamodb.describe_table(TableName=new)["Table"]
        must(described.get("StreamSpecification", {}).get("StreamEnabled") is True, f"{new} has no stream")
        # Recovery as well, but ministack makes none from a template.
        must(described.get("DeletionProtectionEnabled") is True, f"{new} can be deleted")
        dynamodb.describe_table(TableName=before[table])
    sources = {mapping["EventSourceArn"] for mapping in deployments.aws.client("lambda").list_event_source_mappings()["EventSourceMappings"]}
    streams = {table: [source for source in sources if f"table/{after[names[table]]}/" in source] for table in TABLES}
    must(all(streams.values()), f"nobody reads the new streams: {sorted(sources)}")


def versions(live: dict[str, dict]) -> dict[str, str]:
    return {name: entry["Version"] for name, entry in live.items()}


def moved(before: dict[str, dict], after: dict[str, dict], what: str):
    stayed = [name for name in before if before[name]["Version"] == after[name]["Version"]]
    must(not stayed, f"{what}: the alias of {stayed} still points to the version before")


def shop(live: dict[str, dict]) -> str:
    return live[TELLS]["Environment"]["Variables"]["SHOP_NAME"]


def another(deployments: Deployments) -> Path:
    """The same packages, with one more byte at the end of one binary."""
    place = deployments.scratch / "another"
    for package in deployments.packaged.iterdir():
        to = place / package.name
        to.mkdir(parents=True)
        binary = package / "bootstrap"
        if package.name == CHANGED:
            (to / "bootstrap").write_bytes(binary.read_bytes() + b"\n")
            (to / "bootstrap").chmod(0o755)
        else:
            (to / "bootstrap").symlink_to(binary.resolve())
    return place
