"""Checks that the documents say what the system does. Usage: docs.py PATH_OF_THE_BINARY"""

import json
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_SECONDS = 60
COMMAND_SECONDS = 60


def openapi(binary):
    """openapi.yaml is what the code makes."""
    made = subprocess.run([binary, "openapi"], capture_output=True, text=True, check=True).stdout
    if made != (ROOT / "openapi.yaml").read_text():
        yield "openapi.yaml differs from the code: cargo run -- openapi > openapi.yaml"


def links():
    """Every relative link of a document leads somewhere."""
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("events/*.md")]:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
            if "://" not in target and not (page.parent / target).exists():
                yield f"{page.relative_to(ROOT)}: {target} does not exist"


def matrix():
    """ARCHITECTURE.md shows the transitions of the tested snapshot."""
    snapshot = ROOT / "shared/domain/src/ordering/snapshots/oms_domain__ordering__status__tests__the_whole_matrix.snap"
    rows = snapshot.read_text().split("---\n", 2)[2].strip()
    if rows not in (ROOT / "ARCHITECTURE.md").read_text():
        yield "ARCHITECTURE.md does not show the state matrix of shared/domain/src/order/snapshots"


def references():
    """Every requirement and decision that the repository refers to has a row in docs/requirements.md."""
    text = (ROOT / "docs/requirements.md").read_text()
    rows = set(re.findall(r"^\| ([A-P]\d+) \|", text, re.M))
    decisions = set(re.findall(r'<a id="d-(\d+)"></a>\1 \|', text))
    list_files = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(list_files, cwd=ROOT, capture_output=True, text=True, check=True)
    named = 0
    for name in listed.stdout.splitlines():
        page = ROOT / name
        if page.suffix not in {".rs", ".md", ".py", ".sh", ".yaml"} or not page.exists():
            continue
        for number, line in enumerate(page.read_text().splitlines(), 1):
            for reference in wrong_references(line, page.suffix, rows, decisions):
                yield f"{name}:{number}: {reference} is not in docs/requirements.md"
            named += len(ROW.findall(line))
    if not (rows and decisions and named):
        yield "no requirement, no decision or no reference was found at all"


ROW = re.compile(r"\b[A-P][1-9][0-9]?\b")
# Percentiles look like rows and are none.
PERCENTILES = {"P50", "P90", "P95", "P99"}


def wrong_references(line, suffix, rows, decisions):
    """References of one line that lead nowhere: rows in brackets or in a comment of Rust, decisions anywhere."""
    places = re.findall(r"\(([^()]*)\)", line)
    if suffix == ".rs" and "//" in line:
        places.append(line.split("//", 1)[1])
    asked = {row for place in places for row in ROW.findall(place)}
    yield from sorted(asked - rows - PERCENTILES)
    numbers = re.findall(r"\bdecisions? (\d+)", line) + re.findall(r"#d-(\d+)", line)
    yield from (f"decision {number}" for number in sorted(set(numbers) - decisions))


def matches(shown, real):
    """Whether an answer is as printed: an ellipsis stands for anything, and as a key for further members."""
    if shown == "…":
        return True
    if isinstance(shown, dict) and isinstance(real, dict):
        open_ended = "…" in shown or set(shown) != set(real)
        named = [key for key in shown if key != "…"]
        return all(key in real and matches(shown[key], real[key]) for key in named) and ("…" in shown or not open_ended)
    if isinstance(shown, list) and isinstance(real, list):
        return len(shown) == len(real) and all(map(matches, shown, real))
    return shown == real


def tour(binary):
    """The README's commands, in order, in one shell, against a fresh system: answers as printed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    text = (ROOT / "README.md").read_text().split("## Two-minute tour")[1].split("\n## ")[0]
    text = text.replace("127.0.0.1:3000", f"127.0.0.1:{port}")
    blocks = re.findall(r"```(sh|json)\n(.*?)```", text, re.S)
    server = subprocess.Popen([binary, "--memory", "--port", str(port)], stdout=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/health")
        with tempfile.TemporaryDirectory() as place:
            environment = pathlib.Path(place, "environment")
            environment.write_text("")
            answer = ""
            for kind, block in blocks:
                if kind == "sh" and block.strip() == "cargo run":
                    continue
                if kind == "sh":
                    script = f"source {environment}\n{block}\n{{ export -p; declare -f; }} > {environment}\n"
                    answer = subprocess.run(
                        ["bash", "-c", script], capture_output=True, text=True, timeout=COMMAND_SECONDS, check=True
                    ).stdout
                    settle(port)
                elif not matches(json.loads(block), read(answer)):
                    yield f"README.md prints\n{block}but the answer is\n{answer}\n"
    finally:
        server.kill()


def read(answer):
    try:
        return json.loads(answer)
    except ValueError:
        return {"not JSON": answer}


def settle(port):
    """What a command set off is done when no queue holds anything, twice in a row."""
    quiet = 0
    deadline = time.monotonic() + START_SECONDS
    while quiet < 3 and time.monotonic() < deadline:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/dev/queues") as answer:
            queues = json.load(answer)
        quiet = quiet + 1 if all(queue["visible"] + queue["in_flight"] == 0 for queue in queues) else 0
        time.sleep(0.05)


def wait_for(url):
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(url).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    checks = [
        ("openapi", openapi(binary)),
        ("links", links()),
        ("references", references()),
        ("state matrix", matrix()),
        ("tour", tour(binary)),
    ]
    complaints = 0
    for name, check in checks:
        found = list(check)
        complaints += len(found)
        print(f"{name}: {'ok' if not found else 'FAILED'}")
        for complaint in found:
            print(f"  {complaint}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
