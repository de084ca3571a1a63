"""Deploys a shop; see infra/deploy.sh.

What is deployed follows from the binaries, the template, samconfig.toml and what is said here: the same again changes nothing,
and whatever is another makes another release, which Lambda publishes for every function.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

import first
import release
import cloudformation

ROOT = Path(__file__).resolve().parents[2]
# What must be asked for at each provider.
WEBHOOKS = {
    "stripe": "checkout.session.completed checkout.session.expired checkout.session.async_payment_succeeded "
              "checkout.session.async_payment_failed charge.refunded refund.created refund.updated refund.failed "
              "charge.dispute.created charge.dispute.updated charge.dispute.closed",
    "paypal": "CHECKOUT.ORDER.APPROVED PAYMENT.CAPTURE.COMPLETED PAYMENT.CAPTURE.DENIED PAYMENT.CAPTURE.DECLINED "
              "PAYMENT.CAPTURE.PENDING PAYMENT.CAPTURE.REFUNDED PAYMENT.CAPTURE.REVERSED PAYMENT.REFUND.PENDING "
              "PAYMENT.REFUND.FAILED CUSTOMER.DISPUTE.CREATED CUSTOMER.DISPUTE.UPDATED CUSTOMER.DISPUTE.RESOLVED",
}


def arguments():
    parser = argparse.ArgumentParser(prog="infra/deploy.sh", description=__doc__.split("\n\n")[1])
    parser.add_argument("environment", help="section of samconfig.toml, such as dev or prod")
    parser.add_argument("parameters", nargs="*", help="Name=Value, before what samconfig.toml says")
    parser.add_argument("--admin", metavar="EMAIL", help="makes this person an administrator of the user pool")
    parser.add_argument("--tables", type=Path, default=ROOT / "infra/deploy/tables.json",
                        help="taxes and shipping of a shop that has none yet")
    parser.add_argument("--back-to", metavar="RELEASE", help="deploys an earlier release from what was uploaded then")
    parser.add_argument("--packaged", type=Path, help="binaries that were built before, instead of building them")
    parser.add_argument("--yes", action="store_true", help="goes on without asking")
    parser.add_argument("--bucket", help="for the uploads; without it, one of the account's own is made")
    parser.add_argument("--config", type=Path, default=ROOT / "samconfig.toml", help=argparse.SUPPRESS)
    parser.add_argument("--template", type=Path, default=ROOT / "template.yaml", help=argparse.SUPPRESS)
    parser.add_argument("--compression", type=int, default=9, help=argparse.SUPPRESS)
    return parser.parse_intermixed_args()


def built(given, architecture: str) -> Path:
    if given.packaged:
        return given.packaged
    subprocess.run([ROOT / "infra/package.sh", "--architecture", architecture], check=True)
    return ROOT / "target/lambda"


def secrets_of(client, values: dict[str, str]) -> dict[str, str]:
    """Which version of each secret functions will read: a new one needs a new release, since they read it when they start."""
    found = {}
    for name, arn in values.items():
        if name.endswith("SecretArn") and arn:
            versions = client("secretsmanager").describe_secret(SecretId=arn).get("VersionIdsToStages", {})
            found[arn] = next((version for version, stages in versions.items() if "AWSCURRENT" in stages), "")
    return found


def agreed(given):
    """Asks somebody who can answer."""

    def ask(changes: list[str]) -> bool:
        print(*changes, f"{len(changes)} changes", sep="\n")
        return given.yes or not sys.stdin.isatty() or input("Go on? [y/N] ").strip().lower() in ("y", "yes")

    return ask


def deploy(given):
    settings = release.Settings(given.config, given.environment)
    account = cloudformation.Account(settings)
    client = account.client
    bucket = cloudformation.Bucket(account, settings.stack, given.bucket)
    bucket.exists()
    if given.back_to:
        name, values = given.back_to, cloudformation.kept(bucket, given.back_to)
    else:
        template = given.template.read_text(encoding="utf-8")
        values = release.parameters(template, settings.parameters, release.said(given.parameters))
        packaged = built(given, values["Architecture"])
        digests = release.binaries(template, packaged, values["Architecture"])
        name = release.named(digests, template, values, secrets_of(client, values))
        values[release.NAME] = name
        text = cloudformation.uploaded(bucket, given.template, packaged, digests, given.compression)
        cloudformation.keep(bucket, name, text, values)
    it = cloudformation.Stack(client("cloudformation"), settings.stack)
    changed = it.change(bucket.url(f"releases/{name}/template.yaml"), values, settings.tags, agreed(given))
    print(f"release {name} {'is deployed' if changed else 'was deployed before; nothing has changed'}")
    outputs = it.outputs()
    if not given.back_to:
        for table in first.fill_tables(first.Functions(client("lambda"), settings.stack), given.tables):
            print(f"the table {table} was empty and is filled from {given.tables.name}")
        if given.admin and "UserPoolId" in outputs:
            new = first.make_admin(client("cognito-idp"), outputs["UserPoolId"], given.admin)
            print(f"{given.admin} is an administrator" + (", and is sent a password" if new else ""))
    tell(outputs, values)


def tell(outputs: dict[str, str], values: dict[str, str]):
    api = outputs["ApiUrl"]
    print(f"\nthe API is at {api}")
    if "ApiDomainTarget" in outputs:
        print(f"  the DNS record of {values['ApiDomain']} must point to {outputs['ApiDomainTarget']}")
    if "UserPoolId" in outputs:
        print(f"people sign in at the user pool {outputs['UserPoolId']}, with the client {outputs['UserPoolClientId']}")
    for provider, events in WEBHOOKS.items():
        offered = values.get({"stripe": "StripeSecretArn", "paypal": "PayPalSecretArn"}[provider])
        print(f"{provider} is {'offered' if offered else 'not offered'}; its webhook goes to")
        print(f"  {api}/api/payments/callback/{provider}\n  with the events {events}")
    for carrier in ("FedEx", "Ups", "Dhl"):
        if values.get(f"{carrier}SecretArn"):
            print(f"{carrier} is asked about parcels; its tracking goes to\n  {api}/api/carriers/callback/{carrier.lower()}")


def main() -> int:
    try:
        deploy(arguments())
    except release.Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"AWS: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
