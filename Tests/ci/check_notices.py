#!/usr/bin/env python3
"""Gives the events of Tests/Notices/Golden to parsers that others wrote: a JSON Schema validator, the SDK of CloudEvents,
and the library of Standard Webhooks. NoticesTests prove that orchestrate renders these files.
"""

import datetime
import json
import sys
import uuid
from pathlib import Path

import jsonschema
from cloudevents.v1.http import from_http
from standardwebhooks import Webhook

ROOT = Path(__file__).resolve().parent.parent
EVENTS = sorted((ROOT / "Notices" / "Golden").glob("*.event"))
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NAMESPACE = uuid.UUID("351eb591-87d3-4827-8acb-4d1e1c17136c")


def split(path):
    """The headers and the body."""
    head, body = path.read_bytes().split(b"\n\n", 1)
    pairs = (line.split(": ", 1) for line in head.decode().splitlines())
    return {name.lower(): value for name, value in pairs}, body.removesuffix(b"\n")


def judge(path, validator):
    """What is wrong with an event."""
    headers, body = split(path)
    event = json.loads(body)
    errors = [error.message[:200] for error in validator.iter_errors(event)]
    yield from errors
    if errors:
        return
    parsed = from_http(headers, body)
    if parsed["id"] != event["id"] or parsed.data != event["data"] or parsed["text"] != event["text"]:
        yield "the SDK reads another event"
    if headers["webhook-id"] != event["id"]:
        yield "webhook-id is not the id of the event"
    if event["id"] != str(uuid.uuid5(NAMESPACE, f"{event['type']} {event['subject']}")):
        yield "the id is not the UUID of type and subject"
    at = datetime.datetime.fromtimestamp(int(headers["webhook-timestamp"]), datetime.timezone.utc)
    if Webhook(SECRET).sign(headers["webhook-id"], at, body.decode()) != headers["webhook-signature"]:
        yield "the signature is wrong"


def main():
    schema = json.loads((ROOT / "ci" / "cloudevents.schema.json").read_text())
    checker = jsonschema.Draft7Validator.FORMAT_CHECKER
    validator = jsonschema.Draft7Validator(schema, format_checker=checker)
    problems = [f"{path.name}: {problem}" for path in EVENTS for problem in judge(path, validator)]
    for problem in problems or ([] if EVENTS else ["Tests/Notices/Golden has no events"]):
        print(f"notices: {problem}", file=sys.stderr)
    if problems or not EVENTS:
        sys.exit(1)
    print(f"notices: {len(EVENTS)} events are good")


if __name__ == "__main__":
    main()
