"""Faults of deploying that were found once, each under its row in docs/review: what goes wrong here does so without a word."""

import re
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "infra/deploy"))

import release  # noqa: E402

TEMPLATE = (ROOT / "template.yaml").read_text(encoding="utf-8")
X86, ARM = b"\x3e\x00", b"\xb7\x00"


def elf(machine: bytes) -> bytes:
    return b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00" + machine + bytes(44)


class Deploying(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.packaged = Path(scratch.name)
        for function in release.functions_of(TEMPLATE):
            (self.packaged / function).mkdir()
            (self.packaged / function / "bootstrap").write_bytes(elf(ARM))

    def name(self, secrets=None, template=TEMPLATE, **values):
        values = release.parameters(template, values)
        return release.named(release.binaries(template, self.packaged, "arm64"), template, values, secrets or {})

    def test_f1_whatever_is_another_makes_another_release_and_the_same_makes_the_same(self):
        names = [self.name(), self.name(ShopName="My Shop"), self.name({"arn": "1"}), self.name({"arn": "2"}),
                 self.name(template=TEMPLATE.replace("MemorySize: 256", "MemorySize: 512"))]
        (self.packaged / "relay" / "bootstrap").write_bytes(elf(ARM) + b"another")
        names.append(self.name())
        self.assertEqual(len(set(names)), len(names))
        self.assertEqual(self.name(), self.name(Release="other"))
        self.assertRegex(names[0], "^[0-9a-f]{10}$")

    def test_f1_samconfig_names_no_release(self):
        for environment in ("dev", "prod"):
            self.assertNotIn("Release", release.Settings(ROOT / "samconfig.toml", environment).parameters)

    def test_f4_a_binary_for_another_machine_is_refused(self):
        for head in (elf(X86), b"\xcf\xfa\xed\xfe" + bytes(60), b"#!/bin/sh\n"):
            (self.packaged / "sweep" / "bootstrap").write_bytes(head)
            with self.assertRaisesRegex(release.Refused, "sweep"):
                release.binaries(TEMPLATE, self.packaged, "arm64")
        (self.packaged / "sweep" / "bootstrap").unlink()
        with self.assertRaisesRegex(release.Refused, "missing"):
            release.binaries(TEMPLATE, self.packaged, "arm64")

    def test_s3_a_value_with_spaces_is_whole(self):
        self.assertEqual(release.pairs(['ShopName="Müller & Söhne"', 'ReviewAbove=""', "Stage=dev"]),
                         {"ShopName": "Müller & Söhne", "ReviewAbove": "", "Stage": "dev"})
        with self.assertRaises(release.Refused):
            release.pairs(["ShopName=My Shop"])
        said = release.Settings(ROOT / "samconfig.toml", "prod").parameters
        self.assertEqual(said["ShopName"], "My Shop")

    def test_s4_what_is_not_said_has_its_default(self):
        values = release.parameters(TEMPLATE, {"ShopName": "Mine"}, {"ShopName": "Ours"})
        self.assertEqual(values["ShopName"], "Ours")
        self.assertEqual(values["ReviewAbove"], "1500.00 EUR")
        self.assertEqual(values["Monitoring"], "on")
        self.assertEqual(values["StripeSecretArn"], "")
        with self.assertRaisesRegex(release.Refused, "no parameter ShopNam"):
            release.parameters(TEMPLATE, {"ShopNam": "Mine"})

    def test_what_is_asked_for_at_providers_is_what_is_understood(self):
        told = (ROOT / "infra/deploy/deploy.py").read_text(encoding="utf-8")
        stripe = (ROOT / "shared/payments/src/stripe/webhook.rs").read_text(encoding="utf-8")
        paypal = (ROOT / "shared/payments/src/paypal/webhooks.rs").read_text(encoding="utf-8")
        understood = set(re.findall(r'"((?:checkout|charge|refund)\.[a-z_.]+)"', stripe)) - {"charge.refund.updated"}
        understood |= set(re.findall(r'"((?:CHECKOUT|PAYMENT|CUSTOMER)\.[A-Z.]+)"', paypal))
        self.assertEqual({event for event in understood if event not in told}, set())


if __name__ == "__main__":
    unittest.main()
