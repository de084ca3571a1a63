"""Deploys template.yaml as it is, with the packaged functions, and plays scenarios of tests/e2e against it over HTTP.

Started by run.sh, which builds everything and moves this process, and all that it starts, onto a clock that can be moved.

    cloud_test.py --scratch DIRECTORY --packaged DIRECTORY --provider BINARY [--template FILE] [-- command to run against the stack]

Everything that it starts ends with it, and everything that it writes is in the scratch directory, which goes away too.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import boto3
from botocore.config import Config

import rehearsal
import stack
from face import Clock, Face, Texts, fetched, serve
from people import People

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
REGION = "eu-central-1"
STACK = "oms-cloud-test"
# How long a process that was started may take until it answers, and one that is to end until it is killed, in seconds.
START_PATIENCE, END_PATIENCE = 60, 5
# Longest life of an idle function, in seconds: the whole run, so that each function starts as often as it must.
WARM = 3600


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def process(command: list[str], log: Path, environment: dict[str, str]):
    """A process in a group of its own, so that what it starts ends with it."""
    with log.open("wb") as output:
        started = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                   env=os.environ | environment, start_new_session=True)
    try:
        yield started
    finally:
        for kind in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(started.pid, kind)
            with contextlib.suppress(subprocess.TimeoutExpired):
                started.wait(END_PATIENCE)


def wait_for(url: str, started: subprocess.Popen):
    deadline = time.monotonic() + START_PATIENCE
    while True:
        try:
            return fetched(url)
        except (urllib.error.URLError, OSError):
            if started.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{started.args[0]} does not answer at {url}")
            time.sleep(0.1)


class Phases:
    """Tells how long each part took."""

    def __init__(self):
        self.begun, self.lines = time.monotonic(), []

    def done(self, name: str):
        now = time.monotonic()
        print(f"-- {name}: {now - self.begun:.1f} s", flush=True)
        self.begun = now


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--template", type=Path, default=ROOT / "template.yaml")
    arguments.add_argument("--scratch", type=Path, required=True)
    arguments.add_argument("--packaged", type=Path, required=True)
    arguments.add_argument("--provider", required=True)
    arguments.add_argument("--carrier", required=True)
    arguments.add_argument("--rehearse", action="store_true", help="also deploys again, changed, and back")
    arguments.add_argument("command", nargs="*")
    given = arguments.parse_args()
    # A terminated run cleans up as an interrupted one does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with contextlib.ExitStack() as running:
            return play(given, given.scratch, running)
    except Exception:
        tell_logs(given.scratch)
        raise
    finally:
        shutil.rmtree(given.scratch, ignore_errors=True)


def play(given, directory: Path, running: contextlib.ExitStack) -> int:
    phases = Phases()
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    environment = {
        "AWS_ENDPOINT_URL": endpoint, "GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "TMPDIR": str(directory),
        "MINISTACK_REGION": REGION, "MINISTACK_HOST": "127.0.0.1", "AWS_DEFAULT_REGION": REGION,
        "LAMBDA_WARM_TTL_SECONDS": str(WARM),
        # Roles are enforced: a call that a function's role does not allow is refused.
        "AUTH": "true",
    }
    ministack = running.enter_context(
        process([sys.executable, str(HERE / "server.py")], directory / "ministack.log", environment))
    wait_for(f"{endpoint}/_ministack/health", ministack)
    phases.done("ministack")

    aws = boto3.session.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
    original = aws.client
    settings = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})
    aws.client = lambda service: original(service, endpoint_url=endpoint, config=settings)

    # The provider's keys are in a secret before there is a stack, as on AWS. Where it answers is known only later.
    provider_port = free_port()
    provider = f"http://127.0.0.1:{provider_port}"
    keys = {"secret_key": "sk_test_fake", "webhook_secrets": ["whsec_fake"], "api_url": provider}
    secret = aws.client("secretsmanager").create_secret(Name="stripe", SecretString=json.dumps(keys))["ARN"]
    carrier_port = free_port()
    carrier = f"http://127.0.0.1:{carrier_port}"
    keys = {"environment": "sandbox", "client_id": "fake-ups-client", "client_secret": "fake-ups-secret",
            "account_number": "A1B2C3", "push_credential": "fake-ups-credential-0001", "api_url": carrier}
    carrier_secret = aws.client("secretsmanager").create_secret(Name="ups", SecretString=json.dumps(keys))["ARN"]
    aws.client("sesv2").create_email_identity(EmailIdentity="orders@example.com")
    machine = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}[os.uname().machine]
    # The scenarios order all day: what one customer may do is tried where the clock is ours.
    unlimited = dict.fromkeys(["OrdersPerMinute", "OpenOrders", "UnitsPerProduct", "PaymentsPerMinute", "MessagesPerDay"], "0")
    deployments = rehearsal.Deployments(aws, endpoint, directory, STACK, given.packaged, given.template,
                                        {"Architecture": machine, "StripeSecretArn": secret, "UpsSecretArn": carrier_secret} | unlimited)
    release, said = deployments.run("--admin", "first@example.com")
    print(said)
    outputs = stack.outputs(aws, STACK)
    pool, client = outputs["UserPoolId"], outputs["UserPoolClientId"]
    issuer = f"https://cognito-idp.{REGION}.amazonaws.com/{pool}"
    api = stack.wire(aws, STACK, stack.processed(aws, STACK), issuer, client)
    base = f"{endpoint}/_aws/execute-api/{api}/$default"
    phases.done("deployment")

    faked = running.enter_context(process(
        [given.provider, str(provider_port), f"{base}/api/payments/callback/stripe"], directory / "stripe.log", {}))
    wait_for(f"{provider}/busy", faked)
    carries = running.enter_context(process(
        [given.carrier, str(carrier_port), f"{base}/api/carriers/callback/ups"], directory / "ups.log", {}))
    wait_for(f"{carrier}/busy", carries)
    stage = {"api": base, "provider": "stripe", "topic": outputs["OrderEventsArn"]}
    face = Face(aws, endpoint, provider, carrier, Clock(Path(os.environ["CLOUD_TEST_CLOCK"])), People(aws, pool, client),
                Texts(ROOT / "shared/app/texts"), stage)
    served = serve(face)
    running.callback(served.shutdown)
    address = f"http://127.0.0.1:{served.server_port}"
    print(f"-- the stack is at {base}, its /dev routes at {address}", flush=True)
    if not given.command:
        print("-- Ctrl-C ends it", flush=True)
        signal.pause()
    # By the machine's own clock: who waits for something must not see it jump.
    plain = {name: value for name, value in os.environ.items() if name not in ("LD_PRELOAD", "CLOUD_TEST_CLOCK")}
    outcome = subprocess.run(given.command, env=plain | {"OMS_STAGE": address}, check=False).returncode
    phases.done("scenarios")
    if outcome != 0:
        tell_logs(directory)
    elif given.rehearse:
        rehearsal.rehearse(deployments, release)
        phases.done("deployments after the first")
        rehearsal.rehearse_a_restore(deployments)
        phases.done("restore")
    return outcome


def tell_logs(directory: Path):
    for log in sorted(directory.glob("*.log")):
        lines = log.read_text(errors="replace").splitlines()
        wanted = [line for line in lines if any(word in line for word in ("ERROR", "WARN", "Traceback", "denied"))]
        print(f"-- the last of {log.name}, what is wrong in it first", *wanted[-40:], "--", *lines[-20:], sep="\n",
              file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
