"""Deployments by infra/deploy.sh's own code, one after the other: the first, the same again, one function changed, only a
parameter changed, and the way back. After each, what the alias `live` points to is what was deployed."""

import os
import re
import subprocess
import sys
from pathlib import Path

DEPLOY = Path(__file__).resolve().parents[1] / "deploy" / "deploy.py"
# The function that a release changes, and the one that shows a parameter.
CHANGED, TELLS = "view-stock", "notify"


class Failed(Exception):
    """A deployment did not do what it should."""


class Deployments:
    """Deploys one stack, as a person does who runs the script."""

    def __init__(self, aws, endpoint: str, scratch: Path, stack: str, packaged: Path, template: Path, parameters: dict[str, str]):
        self.aws, self.scratch, self.stack, self.packaged = aws, scratch, stack, packaged
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
