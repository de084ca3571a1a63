"""What the local cloud serves under /dev, for a deployed stack: tokens, messages, queues and the clock.

The scenarios of tests/e2e ask for these things over HTTP, and so play here as they do there. Beside what the local cloud
has: `GET /dev/stage` tells about the stack, `POST /dev/topic` publishes, `POST /dev/queues/{name}/purge` empties a queue,
`POST /dev/parcels/{number}` has something happen to a parcel; `POST /dev/provider` takes the payment provider away and brings it back.
"""

import json
import re
import struct
import threading
import time
import traceback
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

# Longest that the stack may take to come to rest, in seconds.
PATIENCE = 120
PAUSE = 0.1
KINDS = {"visible": "ApproximateNumberOfMessages", "in_flight": "ApproximateNumberOfMessagesNotVisible",
         "delayed": "ApproximateNumberOfMessagesDelayed"}


def fetched(url: str, body: dict | None = None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data), timeout=30) as answer:
        return json.load(answer)


class Clock:
    """The offset that clock.c adds, for every process of the stack and for this one."""

    def __init__(self, path: Path):
        self.path, self.offset = path, 0

    def advance(self, seconds: int):
        self.offset += seconds
        with self.path.open("r+b") as file:
            file.write(struct.pack("@q", self.offset))


def told_by(text: str) -> re.Pattern:
    """What a text of shared/app/texts looks like when it is filled in."""
    tags = {"if": "(?:", "elif": "|", "else": "|", "endif": "|)", "for": "(?:", "endfor": ")*"}
    parts = re.split(r"(\{\{.*?\}\}|\{%.*?%\})", text.strip())
    for place, part in enumerate(parts):
        if part.startswith("{%"):
            parts[place] = tags[part.strip("{% }").split()[0]]
        else:
            parts[place] = ".*?" if part.startswith("{{") else re.escape(part)
    return re.compile("".join(parts) + r"\Z", re.DOTALL)


class Texts:
    """Tells from a message which event it is about: neither SES nor SNS is told that."""

    def __init__(self, directory: Path):
        self.events = {"email": [], "sms": []}
        for file in sorted(directory.glob("*.txt")):
            subject, _, sms = file.read_text().split("\n---\n")
            self.events["email"].append((told_by(subject), f"order.{file.stem}"))
            self.events["sms"].append((told_by(sms), f"order.{file.stem}"))

    def event(self, channel: str, text: str) -> str:
        events = [event for pattern, event in self.events[channel] if pattern.match(text.strip())]
        # An order that costs nothing is confirmed in the words of one that was paid.
        events = [event for event in events if event != "order.confirmed"] or events
        return events[0] if len(events) == 1 else f"one of {events}: {text}"


class Face:
    """The routes, by name and method."""

    def __init__(self, aws, endpoint: str, provider: str, carrier: str, clock: Clock, people, texts: Texts, stage: dict):
        self.aws, self.endpoint, self.provider, self.carrier, self.clock = aws, endpoint, provider, carrier, clock
        self.people, self.texts, self.stage, self.visits = people, texts, stage, 0
        self.sqs, self.sns = aws.client("sqs"), aws.client("sns")
        # Clients are shared by threads, sign-ins and moves of the clock are not.
        self.lock = threading.Lock()

    def answer(self, method: str, path: str, query: dict, body: dict):
        queue = re.fullmatch(r"/dev/queues/([^/]+)/(redrive|purge)", path)
        match method, path:
            case "GET", "/dev/stage":
                # A number for whoever asks, so that several can use one stack.
                with self.lock:
                    self.visits += 1
                    return self.stage | {"visit": self.visits}
            case "POST", "/dev/token":
                with self.lock:
                    token = self.people.token(body["user_id"], body["role"], body.get("seller_id"))
                return {"access_token": token, "token_type": "Bearer", "expires_in": 3600}
            case "GET", "/dev/notifications":
                return self.notifications(query["order_id"][0], query["number"][0])
            case "GET", "/dev/queues":
                return self.queues()
            case "POST", "/dev/clock/advance":
                with self.lock:
                    return self.advance(body["seconds"])
            case "POST", "/dev/topic":
                self.sns.publish(
                    TopicArn=self.stage["topic"], Message=body["message"], MessageGroupId=body["group"],
                    MessageDeduplicationId=body["group"],
                    MessageAttributes={"type": {"DataType": "String", "StringValue": body["type"]}})
                return {}
            case "POST", _ if path.startswith("/dev/parcels/"):
                return fetched(f"{self.carrier}/parcels/{path.rsplit('/', 1)[1]}", body)
            case "POST", "/dev/provider":
                return fetched(f"{self.provider}/away", body)
            case "POST", _ if queue and queue[2] == "redrive":
                return self.redrive(queue[1])
            case "POST", _ if queue:
                self.sqs.purge_queue(QueueUrl=self.url(queue[1]))
                return {}
        return None

    def url(self, queue: str) -> str:
        return self.sqs.get_queue_url(QueueName=queue)["QueueUrl"]

    def queues(self) -> list[dict]:
        depths = []
        for url in self.sqs.list_queues()["QueueUrls"]:
            known = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(KINDS.values()))["Attributes"]
            depths.append({"name": url.rsplit("/", 1)[1]} | {kind: int(known[name]) for kind, name in KINDS.items()})
        return depths

    def dead_letters_of(self, url: str) -> str | None:
        known = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"]).get("Attributes", {})
        policy = json.loads(known.get("RedrivePolicy", "{}"))
        return policy.get("deadLetterTargetArn", "").rsplit(":", 1)[-1] or None

    def redrive(self, queue: str) -> dict:
        """What StartMessageMoveTask does, which ministack does not know: each message goes to where it came from."""
        url, moved = self.url(queue), 0
        [source] = [other for other in self.sqs.list_queues()["QueueUrls"] if self.dead_letters_of(other) == queue]
        while found := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"],
                                                MessageAttributeNames=["All"]).get("Messages"):
            for message in found:
                self.sqs.send_message(
                    QueueUrl=source, MessageBody=message["Body"],
                    MessageAttributes=message.get("MessageAttributes", {}),
                    MessageGroupId=message["Attributes"]["MessageGroupId"],
                    MessageDeduplicationId=f"{message['MessageId']}-{self.clock.offset}")
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                moved += 1
        return {"moved": moved}

    def notifications(self, order: str, number: str) -> list[dict]:
        """E-mail first, then text messages; each as they were sent."""
        found = []
        mail = fetched(f"{self.endpoint}/_ministack/ses/messages")["messages"]
        for message in sum(mail.values(), []):
            if number in message["BodyText"]:
                found.append({"channel": "email", "to": message["To"][0], "subject": message["Subject"],
                              "body": message["BodyText"], "order_id": order,
                              "event": self.texts.event("email", message["Subject"])})
        sms = fetched(f"{self.endpoint}/_ministack/sns/sms-messages")["sms_messages"]
        for phone, messages in sms.items():
            for message in messages:
                text = message.get("Message") or message["message"]
                if number in text:
                    found.append({"channel": "sms", "to": phone, "subject": None, "body": text, "order_id": order,
                                  "event": self.texts.event("sms", text)})
        return found

    def advance(self, seconds: int) -> dict:
        self.clock.advance(seconds)
        busy = self.settle()
        return {"offset_seconds": self.clock.offset, "settled": not busy, "busy": busy}

    def settle(self) -> list[str]:
        """Waits until nothing that is due is left to do; answers with what is, when it takes too long."""
        deadline, quiet, busy = time.monotonic() + PATIENCE, 0, ["not asked yet"]
        while time.monotonic() < deadline:
            busy = fetched(f"{self.endpoint}/_cloud_test/busy") + fetched(f"{self.provider}/busy")
            # Between two of the places where work can be, it is seen in neither.
            quiet = 0 if busy else quiet + 1
            if quiet == 3:
                return []
            time.sleep(PAUSE)
        return busy or ["never quiet for long"]


def serve(face: Face) -> ThreadingHTTPServer:
    """Serves it on a free port of this machine, in a thread."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self):
            asked = urlsplit(self.path)
            text = self.rfile.read(int(self.headers.get("content-length", 0)))
            try:
                answer = face.answer(self.command, asked.path, parse_qs(asked.query), json.loads(text or "{}"))
                status, answer = (404, {"detail": "no such route"}) if answer is None else (200, answer)
            except Exception as error:
                traceback.print_exc()
                status, answer = 500, {"detail": repr(error)}
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = handle_any

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
