"""What is about to be released: its parameters, its binaries, and the name that follows from both."""

import hashlib
import re
import shlex
import tomllib
from pathlib import Path

# The machine of an ELF file, at bytes 18 and 19, by the name that Lambda has for it.
MACHINES = {0x3E: "x86_64", 0xB7: "arm64"}
# Parameters that are no part of a release's name: the name itself.
NAME = "Release"


class Refused(Exception):
    """Why there is no deployment; told without a traceback."""


def defaults(template: str) -> dict[str, str]:
    """Every parameter of the template with its default."""
    section = re.search(r"^Parameters:\n(.*?)(?=^\S)", template, re.MULTILINE | re.DOTALL)[1]
    found = {}
    for name, body in re.findall(r"^  (\w+):\n((?:    .*\n|\n)+)", section, re.MULTILINE):
        default = re.search(r"^    Default: (.*)$", body, re.MULTILINE)
        found[name] = default[1].strip().strip('"') if default else ""
    return found


def pairs(overrides: list[str]) -> dict[str, str]:
    """`ShopName="My Shop"` as samconfig.toml has it: what SAM reads as one value is one here, too."""
    read = {}
    for entry in overrides:
        words = shlex.split(entry)
        if len(words) != 1 or "=" not in words[0]:
            raise Refused(f"parameter {entry}: a name, = and a value are needed, with quotes around a value with spaces")
        name, value = words[0].split("=", 1)
        read[name] = value
    return read


def said(arguments: list[str]) -> dict[str, str]:
    """`ShopName=My Shop` as a shell hands it over, with the quotes gone."""
    for argument in arguments:
        if "=" not in argument:
            raise Refused(f"parameter {argument}: a name, = and a value are needed")
    return dict(argument.split("=", 1) for argument in arguments)


class Settings:
    """What samconfig.toml says of an environment."""

    def __init__(self, file: Path, environment: str):
        written = tomllib.loads(file.read_text(encoding="utf-8"))
        if environment not in written:
            raise Refused(f"{file.name} has no environment {environment}")
        deploy = written[environment]["deploy"]["parameters"]
        self.stack = deploy["stack_name"]
        self.region = deploy.get("region")
        self.parameters = pairs(deploy.get("parameter_overrides", []))
        self.tags = pairs(shlex.split(deploy.get("tags", "")))


def parameters(template: str, *said: dict[str, str]) -> dict[str, str]:
    """All parameters: what is not said has its default, also where it was said at the last deployment."""
    known = defaults(template)
    for one in said:
        for name in sorted(one.keys() - known.keys()):
            raise Refused(f"the template has no parameter {name}")
        known |= one
    return known


def machine_of(binary: Path) -> str | None:
    """For which machine a binary is, or None for one that Linux cannot run."""
    with binary.open("rb") as file:
        head = file.read(20)
    if len(head) < 20 or head[:4] != b"\x7fELF":
        return None
    return MACHINES.get(int.from_bytes(head[18:20], "little"))


def functions_of(template: str) -> list[str]:
    return re.findall(r"^\s+CodeUri: target/lambda/([a-z-]+)/$", template, re.MULTILINE)


def binaries(template: str, packaged: Path, architecture: str) -> dict[str, str]:
    """The digest of each function's binary. One for another machine would be deployed without a word, and die at each start."""
    found = {}
    for function in functions_of(template):
        binary = packaged / function / "bootstrap"
        if not binary.exists():
            raise Refused(f"{binary} is missing: run infra/package.sh")
        machine = machine_of(binary)
        if machine != architecture:
            raise Refused(f"{binary} is for {machine or 'no machine of Lambda'}, and Architecture is {architecture}")
        with binary.open("rb") as file:
            found[function] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def named(digests: dict[str, str], template: str, values: dict[str, str], secrets: dict[str, str]) -> str:
    """The release's name: another one whenever a binary, the template, a parameter or a secret is another, and only then."""
    parts = [template, *(f"{function}={digest}" for function, digest in sorted(digests.items()))]
    parts += [f"{name}={value}" for name, value in sorted(values.items()) if name != NAME]
    parts += [f"{arn}={version}" for arn, version in sorted(secrets.items())]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:10]
