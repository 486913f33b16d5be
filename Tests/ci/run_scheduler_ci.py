#!/usr/bin/env python3
"""Runs the scripts of scheduler-ci.yml as GitLab's runner does, against the simulated GitLab.

    run_scheduler_ci.py FOLDER      FOLDER has `orchestrate` and `fake-gitlab`

A job is a fresh checkout, the cache unzipped into it, a bash as process 1 of its own process namespace that reads the runner's
script from standard input, and `after_script` in a fresh one. A cancel is a TERM to every process of the namespace and a KILL
six seconds later, as with Docker. Whatever happens to the script, the cache is zipped afterwards (`when: always`).
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import zipfile
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from check_scheduler_ci import FILE, ROOT, Tags, fill, resolved  # noqa: E402

# A runner's KILL comes this long after its TERM.
GRACE = 6
# Newer runners start the script with the first form, older ones with the second.
SHELLS = {
    "new": "trap exit 1 TERM\n( trap 'exit 1' TERM; eval {script} ) < /dev/null\nexit 0\n",
    "old": "trap exit 1 TERM\n: | eval {script}\nexit 0\n",
}
SETTINGS = "if set -o | grep pipefail > /dev/null; then set -o pipefail; fi; set -o errexit\nset +o noclobber\n"
JOBS = """
pipeline_name: steady
scheduler: '@every 1s'
overlap: allow
catch_up: all
variables: {FAKE_DURATION: '0.5'}
---
pipeline_name: slow
scheduler: '@every 4s'
overlap: allow
catch_up: all
variables: {FAKE_DURATION: '5'}
"""


class Failed(Exception):
    """What the file or the program did wrong."""


def expect(condition, words):
    if not condition:
        raise Failed(words)


def wait(words, condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Failed(f"not within {seconds} s: {words}")
        time.sleep(0.05)


def body(**inputs):
    header, text = list(Tags.loader().load_all(FILE.read_text()))
    defaults = {name: entry["default"] for name, entry in header["spec"]["inputs"].items()}
    return fill(text, {**defaults, **{name.replace("_", "-"): value for name, value in inputs.items()}})


def namespaces():
    """The command that gives a job its own process namespace; empty where this system does not allow it."""
    for command in (["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"],
                    ["unshare", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child"]):
        if shutil.which("unshare") and subprocess.run(command + ["true"], capture_output=True).returncode == 0:
            return command
    return []


NAMESPACE = namespaces()


def quoted(lines):
    """As the runner quotes a script for `eval`."""
    text = "\n".join(lines).replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"$'{text}\\n'"


class Shell:
    """A bash that reads a runner's script from its standard input."""

    def __init__(self, lines, folder, environment, log, form="new"):
        script = SETTINGS + SHELLS[form].format(script=quoted(lines))
        self.process = subprocess.Popen(
            NAMESPACE + ["bash"], cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=log,
            stderr=subprocess.STDOUT, start_new_session=True)
        self.process.stdin.write(script.encode())
        self.process.stdin.close()

    def members(self):
        """The processes of the job, without the `unshare` around them."""
        found, known = [], {self.process.pid}
        for _ in range(6):
            for entry in Path("/proc").iterdir():
                if entry.name.isdigit() and int(entry.name) not in known:
                    try:
                        parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                    except (OSError, IndexError):
                        continue
                    if parent in known:
                        known.add(int(entry.name))
                        found.append(int(entry.name))
        return found if NAMESPACE or self.process.poll() is not None else [self.process.pid] + found

    def send(self, number):
        for member in self.members():
            try:
                os.kill(member, number)
            except ProcessLookupError:
                pass

    def end(self, seconds=None):
        return self.process.wait(seconds)


class GitLab:
    """The simulated GitLab."""

    token = "glpat-simulated"

    def __init__(self, binaries, folder):
        port = folder / "port"
        self.process = subprocess.Popen(
            [binaries / "fake-gitlab", "--port", "0", "--port-file", port, "--token", self.token],
            stdout=(folder / "gitlab.log").open("w"), stderr=subprocess.STDOUT)
        wait("the simulated GitLab", lambda: port.exists() and port.read_text().strip())
        self.url = f"http://127.0.0.1:{port.read_text().strip()}"

    def ask(self, method, path, content=None):
        request = urllib.request.Request(
            self.url + path, method=method, data=json.dumps(content).encode() if content is not None else None,
            headers={"Content-Type": "application/json"})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
            return json.load(answer)

    def runs(self):
        found = defaultdict(list)
        for pipeline in self.ask("GET", "/fake/state")["pipelines"]:
            variables = pipeline["variables"]
            pairs = {entry["key"]: entry["value"] for entry in variables} if isinstance(variables, list) else variables
            if "ORCHESTRATE_RUN_ID" in pairs:
                found[pairs["ORCHESTRATE_RUN_ID"]].append(pipeline)
        return found


class Job:
    """The scheduler's CI job on a runner."""

    def __init__(self, world, status="running"):
        self.world = world
        self.folder = Path(tempfile.mkdtemp(dir=world.folder, prefix="checkout-"))
        self.id = world.gitlab.ask("POST", "/fake/instances", {
            "status": status, "resource_group": world.yaml.get("resource_group")})["id"]
        self.output = self.folder.with_suffix(".log")
        self.shell = None

    def start(self):
        """Takes the job: the checkout, the artifacts, the cache, then the script."""
        self.world.gitlab.ask("PATCH", f"/fake/instances/{self.id}", {"status": "running"})
        (self.folder / "jobs").mkdir()
        (self.folder / "jobs/jobs.yml").write_text(JOBS)
        self.world.artifacts(self.folder / "dist")
        if self.world.cache.exists():
            with zipfile.ZipFile(self.world.cache) as archive:
                archive.extractall(self.folder)
        self.started = time.time()
        self.shell = Shell(
            self.world.yaml["script"], self.folder, self.environment(), self.output.open("ab"), self.world.form)
        return self

    def environment(self):
        values = {
            "PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "NO_PROXY": "127.0.0.1",
            "GITLAB_CI": "true", "CI": "true", "NO_COLOR": "1", "CI_JOB_NAME": "orchestrate",
            "CI_PROJECT_DIR": str(self.folder), "CI_PROJECT_ID": "4242", "CI_COMMIT_REF_NAME": "main",
            "CI_COMMIT_REF_SLUG": "main", "CI_PIPELINE_TOKEN": GitLab.token, "CI_JOB_ID": str(self.id),
            "CI_API_V4_URL": self.world.gitlab.url + "/api/v4", "CI_JOB_TIMEOUT": "86400",
            "CI_JOB_STARTED_AT": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            # Short, so that a handover takes seconds.
            "ORCHESTRATE_POLL_SECONDS": "0.3", "ORCHESTRATE_WATCH_SECONDS": "0.2",
            "ORCHESTRATE_SETTLE_SECONDS": "1.5", "ORCHESTRATE_RATE_PER_MINUTE": "0", **self.world.more,
        }
        for name, value in self.world.yaml["variables"].items():
            values[name] = re.sub(r"\$(\w+)", lambda found: values.get(found[1], ""), str(value))
        return {**values, **self.world.more}

    def log(self):
        return self.output.read_text(errors="replace")

    def says(self, words, times=1, seconds=60):
        wait(f"“{words}” in the log of job {self.id}\n{self.log()[-3000:]}",
             lambda: self.log().count(words) >= times, seconds)

    def finish(self, status=None, stores=True, seconds=60):
        """Waits for the script, then does what the runner does: after_script, the cache, the status."""
        code = self.shell.end(seconds)
        if stores:
            after = Shell(self.world.yaml["after_script"], self.folder, self.environment(), self.output.open("ab"))
            expect(after.end(60) == 0, f"after_script of job {self.id} failed\n{self.log()[-2000:]}")
            self.world.store(self.folder)
        self.world.gitlab.ask(
            "PATCH", f"/fake/instances/{self.id}", {"status": status or ("success" if code == 0 else "failed")})
        return code

    def cancel(self):
        """A cancel in GitLab: TERM for all, KILL for what is left. Returns how long the program took."""
        self.world.gitlab.ask("PATCH", f"/fake/instances/{self.id}", {"status": "canceling"})
        begin = time.monotonic()
        self.shell.send(signal.SIGTERM)
        while any(self.shell.members()) and time.monotonic() - begin < GRACE:
            time.sleep(0.02)
        took = time.monotonic() - begin
        if any(self.shell.members()):
            self.shell.send(signal.SIGKILL)
        self.finish("canceled")
        expect(re.search(r"SIGTERM: .*no new pipelines.*\n(.*\n)*?.* ended", self.log()),
               f"the scheduler did not end in order\n{self.log()[-2000:]}")
        return took

    def kill(self):
        """The runner's machine dies: no after_script, no cache."""
        self.shell.send(signal.SIGKILL)
        self.finish("failed", stores=False)


class World:
    def __init__(self, binaries, handover, form, more=None):
        self.binaries, self.form, self.more = binaries, form, more or {}
        self.folder = Path(tempfile.mkdtemp(prefix=f"scheduler-ci-{handover}-"))
        self.cache = self.folder / "cache.zip"
        self.yaml = resolved(body(version="1.0.0", handover=handover), "orchestrate")
        self.isSerial = handover == "serial"
        self.gitlab = GitLab(binaries, self.folder)

    def artifacts(self, dist):
        """What the job that gets the binary leaves: as an unpacked archive."""
        dist.mkdir(exist_ok=True)
        (dist / "orchestrate").symlink_to(self.binaries / "orchestrate")
        (dist / "zoneinfo").symlink_to("/usr/share/zoneinfo")
        shutil.copy("/etc/ssl/certs/ca-certificates.crt", dist / "ca-certificates.crt")

    def store(self, folder):
        with zipfile.ZipFile(self.cache, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in self.yaml["cache"]["paths"]:
                for file in sorted((folder / path).rglob("*")):
                    archive.write(file, file.relative_to(folder))

    def successor(self, of):
        """The next job, and the end of the one before it."""
        newer = Job(self, "waiting_for_resource" if self.isSerial else "pending")
        if self.isSerial:
            expect(of.finish() == 0, f"job {of.id} did not end well\n{of.log()[-2000:]}")
            newer.start()
        else:
            newer.start()
            expect(of.finish() == 0, f"job {of.id} did not end well\n{of.log()[-2000:]}")
        newer.says("scheduling 2 jobs")
        newer.says("pipeline created", 4)
        return newer

    def command(self, job, *arguments):
        answer = subprocess.run(
            [self.binaries / "orchestrate", *arguments], cwd=job.folder, env=job.environment(), capture_output=True,
            text=True, timeout=60)
        return answer.returncode, answer.stdout + answer.stderr

    def judge(self, last, gap):
        """No twin, every fire time in the ledger, and nothing later than the file says."""
        time.sleep(2)
        twins = {run: len(found) for run, found in self.gitlab.runs().items() if len(found) > 1}
        expect(not twins, f"twins: {twins}")
        code, text = self.command(last, "audit")
        expect(code == 0 and "unaccounted: 0" in text, f"audit: {text}")
        code, text = self.command(last, "history", "steady", "--json", "--limit", "0")
        rows = [row for row in json.loads(text) if row["pipeline_id"]]
        times = sorted(datetime.fromisoformat(row["fire_time"].replace("Z", "+00:00")) for row in rows)
        holes = [f"{one} to {two}" for one, two in zip(times, times[1:]) if two - one != timedelta(seconds=1)]
        expect(not holes, f"fire times without a pipeline: {holes}")
        late = max(row["lateness_seconds"] for row in rows if row["lateness_seconds"] is not None)
        expect(late < gap, f"a fire time was {late:.1f} s late, and the file allows {gap} s here")
        aside = list(self.folder.rglob("*.corrupt-*")) + list(self.folder.rglob("*.other-*"))
        expect(not aside, f"ledgers put aside: {aside}")
        return len(rows), late

    def close(self):
        self.gitlab.process.terminate()
        self.gitlab.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def handovers(binaries, handover, form):
    """Three successors: after an ordinary end, after a cancel, after the death of the machine."""
    world = World(binaries, handover, form)
    jobs = []
    try:
        first = Job(world).start()
        jobs.append(first)
        first.says("pipeline created", 4)
        second = world.successor(first)
        jobs.append(second)
        took = second.cancel()
        expect(took < GRACE - 0.5, f"after a TERM the scheduler took {took:.1f} s, and a runner waits {GRACE} s")
        expect("steady" in second.log().split("FIRE TIME")[-1], "after_script showed no history")
        third = Job(world).start()
        jobs.append(third)
        third.says("pipeline created", 4)
        third.kill()
        fourth = Job(world).start()
        jobs.append(fourth)
        fourth.says("pipeline created", 6)
        fourth = world.successor(fourth)
        jobs.append(fourth)
        fourth.cancel()
        count, late = world.judge(fourth, gap=30)
        print(f"scheduler-ci.yml: {handover}, {form} shell: {count} fire times in five CI jobs, none twice; "
              f"at most {late:.1f} s late; a cancel took {took:.1f} s")
    except Failed:
        for job in jobs:
            print(f"--- job {job.id}\n{job.log()[-4000:]}", file=sys.stderr)
        raise
    finally:
        world.close()


class Registry(BaseHTTPRequestHandler):
    """A package registry that keeps what is put into it."""

    files = {}
    fails = 0

    def do_PUT(self):
        type(self).files[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.respond(201 if self.headers.get("JOB-TOKEN") == "job-token" else 401, b'{"message":"201 Created"}')

    def do_GET(self):
        if type(self).fails > 0:
            type(self).fails -= 1
            return self.respond(503, b"")
        isKnown = self.path in self.files and self.headers.get("JOB-TOKEN") == "job-token"
        self.respond(200 if isKnown else 404, self.files.get(self.path, b""))

    def respond(self, status, content):
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


def run(lines, folder, log, environment):
    return Shell(lines, folder, environment, log.open("wb")).end(120)


def binaries_of_a_release(binaries):
    """`make publish` puts an archive into the registry, and orchestrate:fetch takes it from there."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    folder = Path(tempfile.mkdtemp(prefix="scheduler-ci-fetch-"))
    try:
        environment = {
            "PATH": os.environ["PATH"], "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", "CI_PROJECT_ID": "group/tools",
            "CI_API_V4_URL": f"http://127.0.0.1:{server.server_port}/api/v4", "CI_JOB_TOKEN": "job-token",
        }
        source = folder / "source"
        (source / "dist/zoneinfo").mkdir(parents=True)
        shutil.copy(ROOT / "Makefile", source)
        shutil.copy(binaries / "orchestrate", source / "dist/orchestrate")
        version = subprocess.run(
            [binaries / "orchestrate", "--version"], capture_output=True, text=True, check=True).stdout.strip()

        def make(tag, *more):
            # The release itself takes minutes: -o says that it is there.
            return subprocess.run(
                ["make", "--no-print-directory", "-C", source, "-o", "release", "publish"], capture_output=True,
                text=True, env={**environment, "CI_COMMIT_TAG": tag}, timeout=120)

        answer = make("v9.9.9")
        expect(answer.returncode != 0 and not Registry.files, f"published under another tag: {answer.stdout}")
        answer = make(f"v{version}")
        expect(answer.returncode == 0, f"make publish: {answer.stdout}{answer.stderr}")
        names = [path.rsplit("/", 1)[1] for path in Registry.files]
        archive = f"orchestrate-{version}-linux-{os.uname().machine}.tar.gz"
        expect(names == [archive, archive + ".sha256"], f"published: {names}")
        expect(all("/projects/group%2Ftools/packages/generic/orchestrate/" in path for path in Registry.files), "where")
        sha256 = list(Registry.files.values())[1].split()[0].decode()
        for given, fails, isGood in [(sha256, 2, True), ("0" * 64, 0, False), ("", 0, False)]:
            Registry.fails = fails
            inputs = {"version": version, "sha256": given, "package_project": "group%2Ftools"}
            checkout = Path(tempfile.mkdtemp(dir=folder))
            code = run(body(**inputs)["orchestrate:fetch"]["script"], checkout, folder / "log", environment)
            expect((code == 0) == isGood, f"orchestrate:fetch with {given!r}: {(folder / 'log').read_text()}")
        checkout = next(path.parents[3] for path in folder.rglob("dist/zoneinfo/Europe/Berlin")
                        if path.is_relative_to(folder) and "source" not in path.parts)
        (checkout / "jobs").mkdir()
        (checkout / "jobs/a.yml").write_text(
            "pipeline_name: a\nscheduler: '0 3 * * *'\ntimezone: Europe/Berlin\n")
        zones = {"PATH": os.environ["PATH"], "TZDIR": str(checkout / "dist/zoneinfo"), "MELT_JOBS_HOME": "jobs"}
        check = body(**inputs)["orchestrate:check"]["script"]
        expect(run(check, checkout, folder / "log", zones) == 0, (folder / "log").read_text())
        (checkout / "jobs/a.yml").write_text("pipeline_name: a\nscheduler: '61 3 * * *'\n")
        expect(run(check, checkout, folder / "log", zones) != 0, "orchestrate:check let a bad file pass")
        print("scheduler-ci.yml: a published archive is fetched, checked and runs; a wrong checksum or tag is refused")
    finally:
        server.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


def builds():
    """orchestrate:build tests and builds once for each state of the sources, and only what has passed."""
    folder = Path(tempfile.mkdtemp(prefix="scheduler-ci-build-"))
    try:
        for name in ["Sources/a", "Tests/a", "Package.swift", "Makefile", "docs/a", ".ci/run", "bin/apt-get", "bin/make"]:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("#!/bin/sh\n")
            path.chmod(0o755)
        (folder / ".ci/run").write_text("#!/bin/sh\necho test >> done\n! [ -e broken ]\n")
        (folder / "bin/make").write_text("#!/bin/sh\nmkdir -p dist\necho build >> done\ntouch dist/orchestrate\n")
        environment = {"PATH": f"{folder}/bin:{os.environ['PATH']}", "HOME": str(folder)}

        def commit():
            for command in [["init", "-q"], ["add", "-A"],
                            ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x"]]:
                subprocess.run(["git", *command], cwd=folder, env=environment, check=True, capture_output=True)

        def job():
            (folder / "done").unlink(missing_ok=True)
            code = run(body()["orchestrate:build"]["script"], folder, folder / "log", environment)
            return code == 0, (folder / "done").read_text().split() if (folder / "done").exists() else []

        (folder / ".gitignore").write_text("dist/\ndone\nlog\nbroken\n")
        commit()
        (folder / "broken").touch()
        expect(job() == (False, ["test"]), "a binary was built that has not passed the tests")
        expect(job() == (False, ["test"]), "failed tests were not run again")
        (folder / "broken").unlink()
        expect(job() == (True, ["test", "build"]), "no build of new sources")
        expect(job() == (True, []), "a build of the same sources")
        (folder / "docs/a").write_text("changed\n")
        commit()
        expect(job() == (True, []), "a build for a page")
        (folder / "Sources/a").write_text("changed\n")
        commit()
        expect(job() == (True, ["test", "build"]), "no build of changed sources")
        print("scheduler-ci.yml: a build for changed sources only, and only of what has passed the tests")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    binaries = Path(sys.argv[1]).resolve()
    if not NAMESPACE:
        print("scheduler-ci.yml: without process namespaces, which this system does not allow")
    failures = []
    # ONLY=a part of a check's name and arguments runs this one.
    only = os.environ.get("ONLY", "")
    checks = [
        (builds,), (binaries_of_a_release, binaries), (handovers, binaries, "overlap", "new"),
        (handovers, binaries, "serial", "old"), (handovers, binaries, "serial", "new"),
    ]
    for check, *arguments in checks:
        if only not in " ".join([check.__name__, *map(str, arguments[1:])]):
            continue
        if check is binaries_of_a_release and not shutil.which("curl"):
            print("scheduler-ci.yml: no curl here, so nothing was published and fetched")
            continue
        try:
            check(*arguments)
        except Failed as failure:
            failures.append(f"{check.__name__} {' '.join(map(str, arguments[1:]))}: {failure}")
    for failure in failures:
        print(f"scheduler-ci.yml: {failure}", file=sys.stderr)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
