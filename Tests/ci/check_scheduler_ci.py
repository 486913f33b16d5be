#!/usr/bin/env python3
"""Checks scheduler-ci.yml by GitLab's own schema, for each combination of inputs.

GitLab reads the header (`spec: inputs`) and the body apart, and puts the inputs into the body before it validates it. So
does this. The schema knows nothing of `extends`, `rules` or variables: the functions at the end check what the file says of
them.
"""

import itertools
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent.parent
FILE = ROOT / "scheduler-ci.yml"
EXPRESSION = re.compile(r"\$\[\[ inputs\.([a-z0-9-]+) \]\]")

# As GitLab 19.1 names them. Older versions refuse some of them.
NEW_FAILURES = [
    "runner_system_failure", "runner_external_dependency_failure", "runner_interrupted", "no_updates_running",
    "stuck_pending_with_matching_runners", "stuck_pending_no_matching_runners", "scheduler_failure", "api_failure",
    "unknown_failure",
]
VARIANTS = {
    "version": ["", "1.0.0"],
    "handover": ["overlap", "serial"],
    "runner-tags": [[], ["long", "linux"]],
    "retry-when": [None, NEW_FAILURES],
    "project": ["", "group/project"],
    "arguments": ["", "--once --no-wait"],
}


class Tags:
    """A loader that keeps `!reference` as a list, as GitLab's schema wants it."""

    @staticmethod
    def loader():
        yaml = YAML(typ="safe", pure=True)
        yaml.constructor.add_constructor("!reference", lambda loader, node: Reference(loader.construct_sequence(node)))
        return yaml


class Reference(list):
    """`!reference [job, key]`."""


def fill(node, inputs):
    """Puts inputs into a body. A value that is only the expression gets the input with its type."""
    if isinstance(node, dict):
        return {fill(key, inputs): fill(value, inputs) for key, value in node.items()}
    if isinstance(node, Reference):
        return Reference(fill(item, inputs) for item in node)
    if isinstance(node, list):
        return [fill(item, inputs) for item in node]
    if not isinstance(node, str):
        return node
    whole = EXPRESSION.fullmatch(node)
    if whole:
        return inputs[whole[1]]
    return EXPRESSION.sub(lambda found: str(inputs[found[1]]), node)


def resolved(body, name):
    """A job with what it extends and refers to."""
    job = {}
    parents = body[name].get("extends", [])
    for parent in [parents] if isinstance(parents, str) else parents:
        job.update(resolved(body, parent))
    job.update(body[name])
    job.pop("extends", None)
    if "rules" in job:
        job["rules"] = [
            rule
            for entry in job["rules"]
            for rule in (body[entry[0]][entry[1]] if isinstance(entry, Reference) else [entry])
        ]
    return job


def validate(documents):
    """Runs check-jsonschema on all documents at once. Returns whether they are good."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, document in enumerate(documents):
            path = Path(folder) / f"{number}.yml"
            yaml = YAML(typ="safe", pure=True)
            yaml.representer.add_representer(
                Reference,
                lambda representer, data: representer.represent_sequence("!reference", list(data), flow_style=True),
            )
            with path.open("w") as file:
                yaml.dump(document, file)
            paths.append(str(path))
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.gitlab-ci"]
        answer = subprocess.run(
            command + ["--data-transform", "gitlab-ci"] + paths, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            print(answer.stdout + answer.stderr, file=sys.stderr)
        return answer.returncode == 0


def holds(condition, variables):
    """Evaluates the part of GitLab's `rules:if` that the file uses: ==, !=, &&, ||, variables and texts."""
    def value(token):
        return token[1:-1] if token[0] == '"' else variables.get(token[1:])

    def term(text):
        tokens = re.findall(r'"[^"]*"|\$\w+|==|!=', text)
        if len(tokens) == 1:
            return bool(value(tokens[0]))
        left, operator, right = tokens
        return (value(left) == value(right)) == (operator == "==")

    return any(all(term(part) for part in either.split("&&")) for either in condition.split("||"))


def runs(job, variables, changed):
    """The rule by which the job joins a pipeline; None: it does not."""
    for rule in job["rules"]:
        if "if" in rule and not holds(rule["if"], variables):
            continue
        if "changes" in rule and not any(Path(path).match(glob.replace("/**/*", "/*")) or
                                         path.startswith(glob.split("**")[0]) and "**" in glob
                                         for path in changed for glob in rule["changes"]):
            continue
        return None if rule.get("when") == "never" else rule
    return None


MAIN = {"CI_DEFAULT_BRANCH": "main", "CI_COMMIT_BRANCH": "main", "CI_PROJECT_PATH": "group/project"}
# What happens, its variables, changed files, and which jobs join: [b]inary, [c]heck, [s]cheduler.
EVENTS = [
    ("a push of a job file", {"CI_PIPELINE_SOURCE": "push"}, ["jobs/team/nightly.yml"], "bs"),
    ("a push of the CI file", {"CI_PIPELINE_SOURCE": "push"}, [".gitlab-ci.yml"], "bs"),
    ("a push of code", {"CI_PIPELINE_SOURCE": "push"}, ["Sources/Cron/Field.swift"], "bs"),
    ("a push of a page", {"CI_PIPELINE_SOURCE": "push"}, ["docs/operations.md"], ""),
    ("a push to another branch", {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "topic"}, ["jobs/a.yml"], ""),
    ("a tag", {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": None, "CI_COMMIT_TAG": "v1"}, ["jobs/a.yml"], ""),
    ("the schedule", {"CI_PIPELINE_SOURCE": "schedule", "ORCHESTRATE_START": "true"}, [], "bs"),
    ("another schedule", {"CI_PIPELINE_SOURCE": "schedule"}, ["jobs/a.yml"], ""),
    ("a person", {"CI_PIPELINE_SOURCE": "web", "ORCHESTRATE_START": "true"}, [], "bs"),
    ("another pipeline by hand", {"CI_PIPELINE_SOURCE": "web"}, [], ""),
    ("the scheduler before it", {"CI_PIPELINE_SOURCE": "api", "ORCHESTRATE_SUCCESSOR_OF": "7"}, [], "bs"),
    ("…where marks are inputs", {"CI_PIPELINE_SOURCE": "api", "ORCHESTRATE_SUCCESSOR_OF": "7",
                                 "ORCHESTRATE_JOB_NAME": "", "ORCHESTRATE_START": ""}, [], "bs"),
    ("a run", {"CI_PIPELINE_SOURCE": "api", "ORCHESTRATE_JOB_NAME": "nightly", "ORCHESTRATE_START": "true"}, [], ""),
    ("a merge request", {"CI_PIPELINE_SOURCE": "merge_request_event", "CI_COMMIT_BRANCH": None}, ["jobs/a.yml"], "bc"),
]


def judge_rules(body, inputs):
    """Which jobs join which pipelines."""
    binary = "orchestrate:fetch" if inputs["version"] else "orchestrate:build"
    other = "orchestrate:build" if inputs["version"] else "orchestrate:fetch"
    for path in ["group/project", "someone/project"]:
        isFork = path != "group/project"
        for name, variables, changed, expected in EVENTS:
            variables = {**MAIN, "CI_PROJECT_PATH": path, **variables}
            # The sources of another project are none of the scheduler's.
            if inputs["version"] and changed and changed[0].startswith("Sources/"):
                expected = ""
            if isFork and inputs["project"]:
                expected = expected.replace("bs", "")
            rules = {job: runs(resolved(body, job), variables, changed) for job in
                     (binary, other, "orchestrate:check", "orchestrate")}
            joined = "".join(
                letter for letter, job in zip("bcs", (binary, "orchestrate:check", "orchestrate")) if rules[job] is not None)
            if joined != expected or rules[other] is not None:
                yield f"{name} in {path}: {joined or 'nothing'} instead of {expected or 'nothing'} ({inputs})"
            # A binary job that is not interruptible protects the scheduler behind it from auto-cancel.
            rule = rules[binary]
            spared = rule is not None and not rule.get("interruptible", resolved(body, binary)["interruptible"])
            if rule is not None and spared != ("s" in expected):
                yield f"{name}: the binary's job is {'not ' if spared else ''}interruptible"


def judge_jobs(body, inputs):
    """What the jobs need, whatever the primary CI file says."""
    own = resolved(body, "orchestrate")
    if ("resource_group" in own) != (inputs["handover"] == "serial"):
        yield "the resource group does not follow handover"
    if own["interruptible"] is not False or own["cache"]["when"] != "always":
        yield "a push could cancel the scheduler, or a failure lose its ledger"
    if "stages" in body or "default" in body or "workflow" in body or "variables" in body:
        yield "what belongs to the primary file stands here"
    for name in body:
        job = resolved(body, name)
        if name.startswith("."):
            continue
        # The scheduler has tags of its own; the short jobs may need those of the primary file.
        if job.get("inherit") != {"default": False if name == "orchestrate" else ["tags"]}:
            yield f"{name} inherits the primary file's default"
        if "before_script" in job or (name == "orchestrate" and any("apt-get" in line for line in job["script"])):
            yield f"{name} installs packages"


def main():
    header, body = list(Tags.loader().load_all(FILE.read_text()))
    defaults = {name: entry["default"] for name, entry in header["spec"]["inputs"].items()}
    unused = set(defaults) - set(EXPRESSION.findall(FILE.read_text().split("\n---\n")[1]))
    problems = [f"the input {name} is used nowhere" for name in sorted(unused)]
    for name, entry in header["spec"]["inputs"].items():
        # The schema lets any other key pass, a misspelled one too.
        strange = set(entry) - {"default", "description", "options", "regex", "type"}
        if strange or "description" not in entry or len(entry["description"]) > 255:
            problems.append(f"the input {name} has no description of at most 255 characters, or {strange}")
    documents = [header]
    for values in itertools.product(*VARIANTS.values()):
        chosen = {name: value for name, value in zip(VARIANTS, values) if value is not None}
        inputs = {**defaults, **chosen}
        filled = fill(body, inputs)
        documents.append(filled)
        problems += [*judge_rules(filled, inputs), *judge_jobs(filled, inputs)]
    for problem in dict.fromkeys(problems):
        print(f"scheduler-ci.yml: {problem}", file=sys.stderr)
    if not validate(documents) or problems:
        sys.exit(1)
    print(f"scheduler-ci.yml: good with {len(documents) - 1} combinations of inputs")


if __name__ == "__main__":
    main()
