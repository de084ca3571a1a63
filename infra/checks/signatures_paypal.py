"""Does our PayPal adapter agree with OpenSSL, which shares no code with it?

OpenSSL makes an authority, certificates and signatures as PayPal has them; we must believe what is right and refuse what
is not. And OpenSSL must verify what our fake signs. The other half is `shared/payments/examples/paypal_signatures.rs`,
whose binary is the only argument. Needs nothing but Python and the `openssl` command.
"""

import base64
import datetime
import http.server
import json
import pathlib
import subprocess
import sys
import tempfile
import threading
import zlib

NAME = "messageverificationcerts.example.test"
WEBHOOK = "1JE4291016473214C"
BODY = '{"id":"WH-1","event_type":"CATALOG.PRODUCT.CREATED","resource":{"id":"PROD-1","name":"café ☕"}}'


def openssl(*arguments, given=None):
    done = subprocess.run(["openssl", *map(str, arguments)], input=given, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"openssl {' '.join(map(str, arguments))}: {done.stderr.decode()}")
    return done.stdout


class Certificates:
    """A root, an authority below it, and what they issue; all with RSA keys, as PayPal's have."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        (folder / "ca.ext").write_text("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n")
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Check Root", "-days", 3650,
                "-keyout", folder / "root.key", "-out", folder / "root.pem",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        self.issue("authority", "/CN=Check Authority", "ca.ext", by="root", days=3650)

    def issue(self, name, subject, extensions, by="authority", days=365):
        key, request, out = (self.folder / f"{name}.{kind}" for kind in ("key", "csr", "pem"))
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", subject, "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.folder / f"{by}.pem", "-CAkey", self.folder / f"{by}.key",
                "-days", days, "-sha256", "-CAcreateserial", "-extfile", self.folder / extensions, "-out", out)

    def signer(self, name, host):
        (self.folder / f"{name}.ext").write_text(
            f"basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,keyEncipherment\n"
            f"extendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=DNS:{host}\n")
        self.issue(name, f"/C=US/O=Check/CN={host}", f"{name}.ext")

    def chain(self, name):
        return (self.folder / f"{name}.pem").read_text() + (self.folder / "authority.pem").read_text()


def serve(pages):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            page = pages.get(self.path)
            self.send_response(200 if page else 404)
            self.end_headers()
            self.wfile.write((page or "").encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"


def message(identity, time, webhook, body):
    return f"{identity}|{time}|{webhook}|{zlib.crc32(body)}".encode()


def main(ours):
    with tempfile.TemporaryDirectory() as folder:
        check(ours, pathlib.Path(folder))


def check(ours, folder):
    good, other = Certificates(folder / "good"), Certificates(folder / "other")
    good.signer("leaf", NAME)
    good.signer("misnamed", "www.example.test")
    other.signer("leaf", NAME)
    places = "/v1/notifications/certs/CERT-"
    pages = {
        places + "good": good.chain("leaf"),
        places + "misnamed": good.chain("misnamed"),
        places + "other": other.chain("leaf"),
        places + "alone": (good.folder / "leaf.pem").read_text(),
    }
    origin = serve(pages)
    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    stamp = lambda time: time.isoformat().replace("+00:00", "Z")

    def delivery(certificate="good", key=good.folder / "leaf.key", digest="-sha256", options=(), webhook=WEBHOOK,
                 body=BODY, sent=now, judged=None, crc=None):
        signed = message("69cd13f0-d67a-11e5-baa3-778b53f4ae55", stamp(sent), webhook, body.encode())
        signed = crc(signed, body.encode()) if crc else signed
        signature = openssl("dgst", digest, "-sign", key, *options, given=signed)
        headers = {
            "paypal-transmission-id": "69cd13f0-d67a-11e5-baa3-778b53f4ae55",
            "paypal-transmission-time": stamp(sent),
            "paypal-transmission-sig": base64.b64encode(signature).decode(),
            "paypal-auth-algo": "SHA256withRSA",
            "paypal-cert-url": f"{origin}{places}{certificate}",
        }
        return {"headers": list(headers.items()), "body": BODY, "now": stamp(judged or sent)}

    day = datetime.timedelta(days=1)
    cases = {
        "as PayPal signs": (delivery(), "genuine"),
        "three days late": (delivery(judged=now + 3 * day), "genuine"),
        "five days late": (delivery(judged=now + 5 * day), "out of time"),
        "an hour early": (delivery(judged=now - day / 24), "out of time"),
        "another key": (delivery(key=other.folder / "leaf.key"), "forged"),
        "another root": (delivery("other", other.folder / "leaf.key"), "forged"),
        "another name": (delivery("misnamed", good.folder / "misnamed.key"), "forged"),
        "without the authority's certificate": (delivery("alone"), "forged"),
        "an expired certificate": (delivery(sent=now + 400 * day), "forged"),
        "another webhook": (delivery(webhook="9XL90610J3647323C"), "forged"),
        "another body": (delivery(body=BODY.replace("1", "2")), "forged"),
        "SHA-1": (delivery(digest="-sha1"), "forged"),
        "SHA-512": (delivery(digest="-sha512"), "forged"),
        "PSS padding": (delivery(options=("-sigopt", "rsa_padding_mode:pss")), "forged"),
        "a hexadecimal CRC": (delivery(crc=lambda text, body: text.rsplit(b"|", 1)[0] + b"|%x" % zlib.crc32(body)),
                              "forged"),
    }
    given = {
        "origin": origin,
        "roots": (good.folder / "root.pem").read_text(),
        "certificate_name": NAME,
        "webhook_id": WEBHOOK,
        "deliveries": [case for case, _ in cases.values()],
        "now": stamp(now),
        "body": BODY,
    }
    done = subprocess.run([ours], input=json.dumps(given).encode(), stdout=subprocess.PIPE, check=True)
    told = json.loads(done.stdout)
    wrong = [f"{name}: expected {expected}, we say {verdict}"
             for (name, (_, expected)), verdict in zip(cases.items(), told["verdicts"], strict=True)
             if verdict != expected]
    if wrong:
        sys.exit("\n".join(wrong))

    # What our fake signs, OpenSSL verifies: the chain to the root, then the signature with the leaf's key.
    fake = folder / "fake"
    fake.mkdir()
    (fake / "root.pem").write_text(told["root"])
    (fake / "chain.pem").write_text(told["chain"])
    openssl("verify", "-CAfile", fake / "root.pem", "-untrusted", fake / "chain.pem",
            "-verify_hostname", told["certificate_name"], "-purpose", "sslserver", fake / "chain.pem")
    (fake / "leaf.pub").write_bytes(openssl("x509", "-in", fake / "chain.pem", "-pubkey", "-noout"))
    headers = dict(told["headers"])
    (fake / "signature").write_bytes(base64.b64decode(headers["paypal-transmission-sig"]))
    signed = message(headers["paypal-transmission-id"], headers["paypal-transmission-time"], told["webhook_id"],
                     BODY.encode())
    openssl("dgst", "-sha256", "-verify", fake / "leaf.pub", "-signature", fake / "signature", given=signed)
    print(f"PayPal: {len(cases)} notifications judged as they should be; OpenSSL verifies what the fake signs")


if __name__ == "__main__":
    main(sys.argv[1])
