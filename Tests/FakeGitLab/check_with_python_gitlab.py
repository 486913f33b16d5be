#!/usr/bin/env python3
"""Checks the simulated GitLab with a client that was not written for it, and against recorded exchanges.

    python3 -m venv venv && venv/bin/pip install python-gitlab
    swift build --product fake-gitlab
    venv/bin/python Tests/FakeGitLab/check_with_python_gitlab.py .build/debug/fake-gitlab [FIXTURES]

FIXTURES is a folder of recorded exchanges, one JSON file each: {"response": {"status", "headers", "body"}}.
Without it only the behaviour is checked. Exits with 1 on any mismatch, after naming each.
"""

import json
import pathlib
import subprocess
import sys
import time

import gitlab
import requests

TOKEN = "example-project-access-token"
problems = []


def expect(what, found, wanted):
    if found != wanted:
        problems.append(f"{what}: found {found!r}, wanted {wanted!r}")


def raises(what, status, action):
    try:
        action()
        problems.append(f"{what}: no error, wanted {status}")
    except gitlab.exceptions.GitlabError as error:
        expect(what, error.response_code, status)


def compare_fields(what, found, wanted):
    """The same names at every depth; a null on either side stands for anything."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        expect(f"{what} fields", sorted(found), sorted(wanted))
        for name in set(found) & set(wanted):
            compare_fields(f"{what}.{name}", found[name], wanted[name])
    elif isinstance(wanted, list) and isinstance(found, list):
        if wanted and found:
            compare_fields(f"{what}[]", found[0], wanted[0])
    elif found is not None and wanted is not None:
        number = lambda value: isinstance(value, (int, float)) and not isinstance(value, bool)
        if not (number(found) and number(wanted)):
            expect(f"{what} type", type(found).__name__, type(wanted).__name__)


class Server:
    """The executable, and requests to it without a client library."""

    def __init__(self, executable):
        arguments = ["--token", TOKEN, "--duration", "0.2", "--quiet"]
        self.process = subprocess.Popen([executable, *arguments], stdout=subprocess.PIPE, text=True)
        self.api = self.process.stdout.readline().strip()
        self.url = self.api.removesuffix("/api/v4")
        self.project = f"{self.api}/projects/4242"

    def send(self, method, path, headers=None, **options):
        headers = {"PRIVATE-TOKEN": TOKEN} if headers is None else headers
        return requests.request(method, self.project + path, headers=headers, timeout=10, **options)

    def steer(self, path, body):
        return requests.post(f"{self.url}/fake/{path}", json=body, timeout=10).json()


def wait_for(pipeline, status):
    for _ in range(100):
        pipeline.refresh()
        if pipeline.status == status:
            return
        time.sleep(0.05)
    expect(f"pipeline {pipeline.id} in the end", pipeline.status, status)


def create(project, run_id, **steering):
    variables = {"ORCHESTRATE_RUN_ID": run_id, **steering}
    rows = [{"key": key, "value": value} for key, value in variables.items()]
    return project.pipelines.create({"ref": "main", "variables": rows})


def check_client(server):
    """The calls of python-gitlab, each as its documentation shows it."""
    client = gitlab.Gitlab(server.url, private_token=TOKEN)
    client.auth()
    expect("user", client.user.username, "project_4242_bot_5f2c")
    expect("version", client.version()[0], "18.5.0")
    project = client.projects.get("acme/cron-demo")
    expect("project id", project.id, 4242)

    pipeline = create(project, "nightly@2026-01-15T03:00:00Z", FAKE_FAILURES="1")
    variables = {row.key: row.value for row in pipeline.variables.list(get_all=True)}
    expect("variables", variables, {"ORCHESTRATE_RUN_ID": "nightly@2026-01-15T03:00:00Z", "FAKE_FAILURES": "1"})
    name = "orchestrate nightly@2026-01-15T03:00:00Z"
    expect("name", project.pipelines.get(pipeline.id).name, name)
    found = project.pipelines.list(name=name, source="api", get_all=True)
    expect("list by name", [row.id for row in found], [pipeline.id])

    wait_for(pipeline, "failed")
    (job,) = pipeline.jobs.list(scope=["failed"], get_all=True)
    retried = project.jobs.get(job.id).retry()
    expect("retry gives a new job", retried["id"] > job.id, True)
    raises("second retry", 403, lambda: project.jobs.get(job.id).retry())
    wait_for(pipeline, "success")
    expect("current jobs", len(pipeline.jobs.list(get_all=True)), 1)
    expect("all attempts", len(pipeline.jobs.list(include_retried=True, get_all=True)), 2)
    expect("bridges", pipeline.bridges.list(get_all=True), [])

    slow = create(project, "slow@x", FAKE_DURATION="60")
    wait_for(slow, "running")
    slow.cancel()
    wait_for(slow, "canceled")
    slow.retry()
    wait_for(slow, "running")

    for number in range(45):
        create(project, f"many@{number}")
    rows = list(project.pipelines.list(iterator=True, per_page=20))
    expect("iterator over all pages", len({row.id for row in rows}), 47)
    expect("newest first", [row.id for row in rows], sorted((row.id for row in rows), reverse=True))
    rows = list(project.pipelines.list(iterator=True, per_page=10, order_by="id", sort="asc"))
    expect("oldest first", [row.id for row in rows], sorted(row.id for row in rows))
    jobs = list(project.jobs.list(iterator=True, per_page=7))
    expect("jobs by page", len({row.id for row in jobs}), 49)
    jobs = list(project.jobs.list(iterator=True, per_page=7, pagination="keyset", order_by="id"))
    expect("jobs by keyset", len({row.id for row in jobs}), 49)

    parent = create(project, "parent@x", FAKE_CHILD="failed")
    wait_for(parent, "failed")
    (bridge,) = parent.bridges.list(get_all=True)
    expect("trigger job", (bridge.status, bridge.downstream_pipeline["status"]), ("failed", "failed"))
    expect("a trigger job is no build", parent.jobs.list(get_all=True), [])
    (child,) = project.pipelines.list(source="parent_pipeline", get_all=True)
    expect("child", child.id, bridge.downstream_pipeline["id"])
    expect("newest without children", project.pipelines.list(per_page=1, page=1)[0].id, parent.id)

    raises("unknown ref", 400, lambda: project.pipelines.create({"ref": "nowhere"}))
    raises("unknown pipeline", 404, lambda: project.pipelines.get(1))
    raises("wrong token", 401, gitlab.Gitlab(server.url, private_token="no").auth)
    return pipeline, job


def check_faults(server):
    """What a socket shows and the model alone cannot."""
    body = {"json": {"ref": "main"}}
    count = lambda: int(server.send("GET", "/pipelines").headers["X-Total"])
    before = count()
    server.steer("faults", {"operation": "createPipeline", "effect": "now", "reply": "cut"})
    try:
        server.send("POST", "/pipeline", **body)
        problems.append("cut: an answer came")
    except requests.ConnectionError:
        expect("pipelines after a cut", count(), before + 1)
    server.steer("faults", {"operation": "createPipeline", "reply": "hang"})
    try:
        requests.post(f"{server.project}/pipeline", headers={"PRIVATE-TOKEN": TOKEN}, timeout=0.3, **body)
        problems.append("hang: an answer came")
    except requests.Timeout:
        expect("pipelines after a hang", count(), before + 1)
    server.steer("faults", {"operation": "createPipeline", "effect": "now", "delay": 0.3})
    started = time.monotonic()
    expect("slow answer", server.send("POST", "/pipeline", **body).status_code, 201)
    expect("slow answer came late", time.monotonic() - started >= 0.3, True)
    server.steer("faults", {"operation": "createPipeline", "late": 0.3, "reply": 504})
    expect("late effect", server.send("POST", "/pipeline", **body).status_code, 504)
    expect("pipelines at once", count(), before + 2)
    time.sleep(0.4)
    expect("pipelines after the late effect", count(), before + 3)


def check_command_line(executable, server):
    port = server.url.rsplit(":", 1)[1]
    refused = [("--host", "0.0.0.0", "loopback"), ("--host", "127.example.com", "loopback")]
    for *arguments, text in [*refused, ("--port", port, "another port")]:
        result = subprocess.run([executable, *arguments], capture_output=True, text=True, timeout=10)
        expect(f"{arguments} refused", (result.returncode != 0, text in result.stderr), (True, True))


def compare_with_fixtures(server, folder, pipeline, job):
    """Sends what each recording asks for and compares names and texts."""
    recordings = [path for path in folder.glob("*.json") if path.stem != "index"]
    fixtures = {path.stem: json.loads(path.read_text())["response"] for path in recordings}
    create_it = {"ref": "main", "variables": [{"key": "A", "value": "b"}]}
    instance = server.steer("instances", {"name": "scheduler", "resource_group": "orchestrate"})
    server.steer("instances", {"name": "scheduler", "status": "waiting_for_resource"})
    jobless = {"JOB-TOKEN": instance["token"]}
    one = f"/pipelines/{pipeline.id}"
    group = "/resource_groups/orchestrate"
    duplicate = [{"key": "ORCHESTRATE_JOB_NAME", "value": "a"}] * 2
    secret = [{"key": "A", "value": "b", "variable_type": "secret"}]
    exchanges = {
        "create-pipeline.201": ("POST", "/pipeline", {"json": create_it}),
        "create-pipeline.inputs.201": ("POST", "/pipeline", {"json": {"ref": "main", "inputs": {"n": 3}}}),
        "create-pipeline.query-form.201": (
            "POST", "/pipeline", {"params": {"ref": "main", "variables[][key]": "A", "variables[][value]": "b"}}),
        "create-pipeline.400.ref-missing": ("POST", "/pipeline", {"json": {}}),
        "create-pipeline.400.variable-type": ("POST", "/pipeline", {"json": {"ref": "main", "variables": secret}}),
        "create-pipeline.400.reference-not-found": ("POST", "/pipeline", {"json": {"ref": "nowhere"}}),
        "create-pipeline.400.variables-duplicate": (
            "POST", "/pipeline", {"json": {"ref": "main", "variables": duplicate}}),
        "any.401.missing-or-wrong-token": ("POST", "/pipeline", {"headers": {}, "json": create_it}),
        "trigger-pipeline.trigger-token.201": (
            "POST", "/trigger/pipeline", {"json": {"ref": "main", "token": "fake-trigger-token"}}),
        "trigger-pipeline.job-token.201": (
            "POST", "/trigger/pipeline", {"json": {"ref": "main", "token": instance["token"]}}),
        "trigger-pipeline.400.variables-not-strings": (
            "POST", "/trigger/pipeline", {"json": {"ref": "main", "token": "x", "variables": {"N": 3}}}),
        "trigger-pipeline.404.bad-token": ("POST", "/trigger/pipeline", {"json": {"ref": "main", "token": "x"}}),
        "get-pipeline.200.success": ("GET", one, {}),
        "get-pipeline.404": ("GET", "/pipelines/99999999", {}),
        "list-pipelines.200": ("GET", "/pipelines", {"params": {"source": "api", "per_page": 100}}),
        "list-pipelines.empty.200": ("GET", "/pipelines", {"params": {"name": "nothing"}}),
        "list-pipelines.400.bad-status": ("GET", "/pipelines", {"params": {"status": "done"}}),
        "pipeline-variables.200": ("GET", f"{one}/variables", {}),
        "pipeline-metadata.200": ("PUT", f"{one}/metadata", {"json": {"name": "new"}}),
        "pipeline-jobs.failed-scope.200": (
            "GET", f"{one}/jobs", {"params": {"scope[]": "failed", "include_retried": "true"}}),
        "pipeline-jobs.include-retried.200": ("GET", f"{one}/jobs", {"params": {"include_retried": "true"}}),
        "retry-job.403.not-retryable": ("POST", f"/jobs/{job.id}/retry", {}),
        "retry-job.404": ("POST", "/jobs/1/retry", {}),
        "retry-pipeline.201": ("POST", f"{one}/retry", {}),
        "cancel-pipeline.200": ("POST", f"{one}/cancel", {}),
        "get-job.200.self": ("GET", f"/jobs/{instance['id']}", {}),
        "get-job-token-job.200": ("GET", "/../../job", {"headers": jobless}),
        "get-job-token-job.404.private-token": ("GET", "/../../job", {}),
        "list-jobs.running.200": ("GET", "/jobs", {"params": {"scope[]": ["running"], "per_page": 100}}),
        "list-jobs.running.keyset.200": (
            "GET", "/jobs", {"params": {"pagination": "keyset", "order_by": "id", "sort": "desc", "per_page": 2}}),
        "list-jobs.waiting-for-resource.200": (
            "GET", "/jobs", {"params": {"scope[]": ["waiting_for_resource", "pending"]}}),
        "list-jobs.400.bad-scope": ("GET", "/jobs", {"params": {"scope[]": "active"}}),
        "resource-group.get.200": ("GET", group, {}),
        "resource-group.put.200": ("PUT", group, {"json": {"process_mode": "newest_ready_first"}}),
    }
    for name, (method, path, options) in exchanges.items():
        compare(name, server.send(method, path, **options), fixtures[name])
    refused = {
        "any.500": {"reply": 500}, "any.502.html": {"reply": 502}, "any.503": {"reply": 503},
        "any.504.html": {"reply": 504}, "any.429.rack-attack": {"reply": "too_many"},
        "create-pipeline.400.rate-limited": {"reply": "rate_limit"},
    }
    for name, fault in refused.items():
        server.steer("faults", fault)
        compare(name, server.send("POST", "/pipeline", json=create_it), fixtures[name])
    steered = {"FAKE_FAILURES": "1"}
    rows = [{"key": key, "value": value} for key, value in steered.items()]
    failed = server.send("POST", "/pipeline", json={"ref": "main", "variables": rows}).json()
    time.sleep(1)
    (row,) = server.send("GET", f"/pipelines/{failed['id']}/jobs").json()
    compare("retry-job.201", server.send("POST", f"/jobs/{row['id']}/retry"), fixtures["retry-job.201"])
    rows = [{"key": "FAKE_CHILD", "value": "success"}]
    parent = server.send("POST", "/pipeline", json={"ref": "main", "variables": rows}).json()
    time.sleep(2)
    bridges = server.send("GET", f"/pipelines/{parent['id']}/bridges")
    compare("pipeline-trigger-jobs.200", bridges, fixtures["pipeline-trigger-jobs.200"])
    print(f"{len(exchanges) + len(refused) + 2} recorded exchanges compared")


def compare(name, answer, recorded):
    expect(f"{name} status", answer.status_code, recorded["status"])
    for header in recorded["headers"]:
        # A list here may end where the recorded one goes on.
        if header not in answer.headers and header != "Link":
            problems.append(f"{name}: no {header} header")
    if recorded["status"] >= 400:
        body = answer.text if isinstance(recorded["body"], str) else answer.json()
        expect(f"{name} body", body, recorded["body"])
    else:
        compare_fields(name, answer.json(), recorded["body"])


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    server = Server(sys.argv[1])
    try:
        pipeline, job = check_client(server)
        check_faults(server)
        check_command_line(sys.argv[1], server)
        if len(sys.argv) == 3:
            compare_with_fixtures(server, pathlib.Path(sys.argv[2]), pipeline, job)
    finally:
        server.process.terminate()
        expect("exit status after SIGTERM", server.process.wait(5), 0)
    for problem in problems:
        print(problem)
    print("all as expected" if not problems else f"{len(problems)} mismatches")
    sys.exit(1 if problems else 0)


main()
