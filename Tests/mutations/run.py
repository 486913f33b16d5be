#!/usr/bin/env python3
"""Puts small bugs into a copy of the code, one at a time, and checks whether the quick tests notice them.

    Tests/mutations/run.py [NAME...]      all bugs, or the bugs with these names or of these modules

The bugs of a module are in MODULE.txt beside this script. Each is a block of lines, `---` between two. In `old` and
`new` a line break is written \\n.

    name: the bug's name                          file: the file to change, from the top folder
    what: the broken rule, for people             old:  text that occurs once in that file, in one line
    new:  the text to put in its place            suite: the tests that must notice it, if not the module's

The copy and its build stay in .build/mutants, so that the next run builds only what has changed.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRATCH = ROOT / ".build" / "mutants"
SWIFT = os.environ.get("SWIFT", "swift")
BOUND = 95  # the tests must notice at least this percentage of a module's bugs
PATIENCE = 300  # seconds for a suite: a bug that makes it hang counts as noticed
SUITES = {"orchestrate": ["CommandTests"], "Scheduling": ["SchedulingTests", "SimulationTests/everyFireTime"]}
HANGS = f"its hanging for {PATIENCE} seconds"


class Mutation:
    def __init__(self, block, path):
        fields = {}
        for line in block.strip("\n").splitlines():
            key, colon, text = line.partition(":")
            if not colon or key not in ("name", "file", "what", "old", "new", "suite"):
                sys.exit(f"{path.name}: not a line of a bug: {line}")
            fields[key] = text.removeprefix(" ")
        missing = {"name", "file", "what", "old", "new"} - fields.keys()
        if missing:
            sys.exit(f"{path.name}: {fields.get('name', block)}: no {', '.join(sorted(missing))}")
        self.name, self.file, self.what = fields["name"].strip(), fields["file"].strip(), fields["what"].strip()
        self.old, self.new = (fields[key].replace("\\n", "\n") for key in ("old", "new"))
        self.module = path.stem
        self.suites = fields["suite"].split() if "suite" in fields else SUITES.get(path.stem, [f"{path.stem}Tests"])

    @property
    def mutated(self):
        """The file with the bug; None: the old text occurs not at all or more than once."""
        path = SCRATCH / self.file
        text = path.read_text() if path.is_file() else ""
        return text.replace(self.old, self.new) if text.count(self.old) == 1 else None


def mutations():
    every = []
    for path in sorted(Path(__file__).parent.glob("*.txt")):
        blocks = re.split(r"^---\s*$", path.read_text(), flags=re.MULTILINE)
        every += [Mutation(block, path) for block in blocks if block.strip()]
    names = [mutation.name for mutation in every]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        sys.exit(f"two bugs of one name: {', '.join(twice)}")
    return every


def copy_tree():
    """Updates the copy. Unchanged files keep their date, so that Swift does not build them again."""
    listing = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, check=True, capture_output=True, text=True).stdout.split("\0")
    # With Package.resolved, so that the dependencies have the same versions.
    wanted = {name for name in [*names, "Package.resolved"] if name and (ROOT / name).is_file()}
    for name in wanted:
        source, target = ROOT / name, SCRATCH / name
        if target.is_file() and target.read_bytes() == source.read_bytes():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    for folder, folders, files in os.walk(SCRATCH):
        if folder == str(SCRATCH):
            folders[:] = [name for name in folders if name != ".build"]
        for path in (Path(folder, name) for name in files):
            if str(path.relative_to(SCRATCH)) not in wanted:
                path.unlink()


def run(*arguments):
    """Whether the command succeeded, and its output. A command that hangs has failed."""
    # Only the default of the quick tests: 16 seeds of the simulation.
    not_quick = ("ORCHESTRATE_LIVE_TESTS", "ORCHESTRATE_FULL_TESTS", "SEED", "SEEDS", "FROM")
    environment = {name: value for name, value in os.environ.items() if name not in not_quick}
    process = subprocess.Popen(
        [SWIFT, *arguments], cwd=SCRATCH, env=environment, text=True, errors="replace", start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        output, _ = process.communicate(timeout=PATIENCE if arguments[0] == "test" else None)
        return process.returncode == 0, output
    except subprocess.TimeoutExpired:
        return False, HANGS
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def build():
    return run("build", "--build-tests")


def passes(suite):
    return run("test", "--skip-build", "--disable-xctest", "--filter", suite)


def witness(output):
    """The first test that failed."""
    if output == HANGS:
        return HANGS
    found = re.search(r"✘ Test (\"[^\"]*\"|\S+).*? recorded", output)
    return found.group(1) if found else "a crash"


def try_one(mutation):
    """The test that notices the bug; None: no test does."""
    target = SCRATCH / mutation.file
    original = target.read_text()
    try:
        target.write_text(mutation.mutated)
        built, words = build()
        if not built:
            errors = [line for line in words.splitlines() if "error:" in line]
            raise ValueError("does not compile: " + (errors or ["?"])[0])
        for suite in mutation.suites:
            passed, words = passes(suite)
            if not passed:
                return witness(words)
        return None
    finally:
        target.write_text(original)


def check_baseline(chosen):
    print("building the copy without bugs (the first time takes minutes)", flush=True)
    built, words = build()
    if not built:
        sys.exit(words[-4000:] + "\nThe code does not build as it is.")
    for suite in dict.fromkeys(suite for mutation in chosen for suite in mutation.suites):
        passed, words = passes(suite)
        if not passed:
            marked = [line for line in words.splitlines() if "✘" in line or "error:" in line]
            sys.exit("\n".join(marked or [words[-2000:]]) + f"\nWithout any bug in, {suite} fails.")


def main():
    # A SIGTERM must also end the child process, see `run`.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    wanted = set(sys.argv[1:])
    every = mutations()
    unknown = wanted - {m.name for m in every} - {m.module for m in every}
    if unknown:
        sys.exit(f"no such bug or module: {', '.join(sorted(unknown))}")
    chosen = [m for m in every if not wanted or wanted & {m.name, m.module}]
    copy_tree()
    stale = [m.name for m in chosen if m.mutated is None]
    for name in stale:
        print(f"{name}: STALE: its old text does not stand once in its file")
    chosen = [m for m in chosen if m.name not in stale]
    check_baseline(chosen)
    noticed, failed = {}, bool(stale)
    for mutation in chosen:
        try:
            who = try_one(mutation)
            noticed.setdefault(mutation.module, []).append(who is not None)
            print(f"{mutation.name}: " + (f"noticed by {who}" if who else f"SURVIVED: {mutation.what}"), flush=True)
        except ValueError as error:
            failed = True
            print(f"{mutation.name}: BROKEN: {error}", flush=True)
    print(f"\n{'module':<14}{'bugs':>6}{'noticed':>9}")
    for module, results in noticed.items():
        rate = 100 * sum(results) / len(results)
        failed = failed or rate < BOUND
        print(f"{module:<14}{len(results):>6}{rate:>8.0f}%")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
