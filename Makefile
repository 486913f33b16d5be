# Every target works in a fresh clone: it first installs what it needs.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
# Make runs a recipe as one script, so that it may use functions, traps and here-documents.
.ONESHELL:
.DEFAULT_GOAL := help

SWIFT ?= swift
# The folder for `make install`.
PREFIX ?= /usr/local
# Extra flags for `make run` and `make dry-run`, for instance ARGS=--once.
ARGS ?=

debug := .build/debug
# The tests have a build folder of their own, because Package.swift has the compiler optimize them.
test := env ORCHESTRATE_OPTIMISED=1 $(SWIFT) test --scratch-path .build-test --disable-xctest
test_build := env ORCHESTRATE_OPTIMISED=1 $(SWIFT) build --scratch-path .build-test
# Otherwise Swift Testing starts all tests at once, and a test that waits long for a core exceeds its time limit.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH ?= $(shell echo $$(( 2 * $$(nproc) )))
static_build := --configuration release --static-swift-stdlib --product orchestrate --scratch-path .build-static
bench_build := --configuration release --static-swift-stdlib --package-path Benchmarks --scratch-path .build-bench

# The linker prefers shared libraries. So give it a folder that has only archives.
define link_statically
rm -rf .static-libs
mkdir -p .static-libs
for library in sqlite3 yaml z stdc++; do
  archive=$$("$$(command -v gcc || command -v clang)" -print-file-name="lib$$library.a")
  if ! [ -f "$$archive" ]; then
    echo "make: lib$$library.a is not on this system; Debian's -dev packages bring it." >&2
    exit 1
  fi
  ln -s "$$archive" .static-libs/
done
export ORCHESTRATE_STATIC_LIBS="$(CURDIR)/.static-libs"
endef

.PHONY: help setup build run dry-run docs test test-quick test-release soak mutants lint release archive publish install uninstall \
  image bench clean

help: ## Print these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## Install the system packages that are missing and check that Swift is there
	@missing=()
	need() { local package=$$1; shift; "$$@" > /dev/null 2>&1 || missing+=("$$package"); }
	cxx_library() { test -f "$$("$$(command -v gcc || command -v clang)" -print-file-name=libstdc++.a)"; }
	certificates() { test -f /etc/ssl/certs/ca-certificates.crt || test -f /etc/pki/tls/certs/ca-bundle.crt; }
	need pkg-config command -v pkg-config            # tells the build where the two libraries below are
	need libsqlite3-dev pkg-config --exists sqlite3  # the ledger
	need libyaml-dev pkg-config --exists yaml-0.1    # the job files
	need zlib1g-dev pkg-config --exists zlib         # the HTTP client links it
	need g++ cxx_library                             # the TLS library is C++ in part
	need git command -v git                          # the Swift package manager fetches with it
	need tzdata test -f /usr/share/zoneinfo/UTC      # time zones, read when the scheduler runs
	need ca-certificates certificates                # trusted authorities, read when the scheduler runs
	if [ "$${#missing[@]}" -gt 0 ]; then
	  install="apt-get install --yes --no-install-recommends $${missing[*]}"
	  if ! command -v apt-get > /dev/null; then
	    echo "make setup: not found here: $${missing[*]}" >&2
	    echo "These are Debian's names. Install what your system calls them, then try again." >&2
	    exit 1
	  fi
	  root=()
	  if [ "$$(id -u)" -ne 0 ]; then
	    if ! command -v sudo > /dev/null; then
	      echo "make setup: packages are missing, and there is no sudo to install them with." >&2
	      echo "As root, run: apt-get update && $$install" >&2
	      exit 1
	    fi
	    root=(sudo)
	  fi
	  echo "make setup: installing $${missing[*]}"
	  # The lock timeout waits for another apt-get, such as an unattended upgrade, instead of failing.
	  log=$$(mktemp)
	  if ! { "$${root[@]}" apt-get update -qq && "$${root[@]}" env DEBIAN_FRONTEND=noninteractive \
	    $$install -qq -o DPkg::Lock::Timeout=120; } > "$$log" 2>&1; then
	    cat "$$log" >&2
	    echo "make setup: the packages could not be installed. As root, run: apt-get update && $$install" >&2
	    exit 1
	  fi
	  rm -f "$$log"
	fi
	answer=$$($(SWIFT) --version 2>&1 || true)
	version=$$(sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' <<< "$$answer")
	if [ -z "$$version" ] || [ "$$(printf '%s\n' 6.2 "$$version" | sort -V | head -n 1)" != 6.2 ]; then
	  echo "make setup: Swift 6.2 or newer is needed; \`$(SWIFT) --version\` says: $$answer" >&2
	  echo "Get it from https://www.swift.org/install/linux, or work in the image swift:6.3-bookworm." >&2
	  exit 1
	fi
	if [ -n "$(filter setup,$(MAKECMDGOALS))" ]; then echo "make setup: everything is there (Swift $$version)."; fi

build: setup ## Build orchestrate and the simulated GitLab for development
	@# One product after the other: a plain `swift build` also compiles the plugins of a dependency, each time.
	$(SWIFT) build --product orchestrate
	$(SWIFT) build --product fake-gitlab

run: setup ## Run the scheduler on jobs/, on a simulated GitLab where the environment names no real one
	@mkdir -p .orchestrate
	# Hide the compiler's lines about a build with nothing to do.
	for product in orchestrate fake-gitlab; do
	  $(SWIFT) build --product "$$product" 2>&1 \
	    | { grep -vE '^(Building for|Build of product|Build complete|\[[0-9]+/[0-9]+\] (Planning build|Write swift-version)|\[0/1\])' || true; }
	done
	ledger=.orchestrate/orchestrate.db
	export MELT_JOBS_HOME="$${MELT_JOBS_HOME:-jobs}"
	if [ -n "$${CI_PIPELINE_TOKEN-}$${CI_PIPELINE_TOKEN_FILE-}" ] && [ -n "$${CI_PROJECT_ID-}" ]; then
	  export CI_COMMIT_REF_NAME="$${CI_COMMIT_REF_NAME:-main}" CI_JOB_ID="$${CI_JOB_ID-}"
	  # Remove the ledger of a simulated run: it does not belong to this GitLab.
	  if [ -e .orchestrate/simulated ]; then rm -f "$$ledger"* .orchestrate/simulated; fi
	  export ORCHESTRATE_DB="$${ORCHESTRATE_DB:-$$ledger}"
	  echo "Project $$CI_PROJECT_ID at $${CI_API_V4_URL:-GitLab.com}, ref $$CI_COMMIT_REF_NAME. Ctrl-C ends it."
	else
	  # The simulated GitLab forgets everything when it ends, and numbers its pipelines from the start again.
	  # An old ledger would mistake the new pipelines for its own, so the ledger also starts anew.
	  # The lock keeps a second `make run` from deleting the ledger of the first.
	  exec 9> .orchestrate/simulated.lock
	  if ! flock --nonblock 9; then
	    echo "make run: a simulated run is already going on in this folder. End it first." >&2
	    exit 1
	  fi
	  # The ledger lies where `status` and `history` look for it, unless a real one is there.
	  if [ -e "$$ledger" ] && ! [ -e .orchestrate/simulated ]; then
	    ledger=.orchestrate/simulated.db
	  else
	    touch .orchestrate/simulated
	  fi
	  rm -f "$$ledger"* .orchestrate/simulated.port
	  unset CI_PIPELINE_TOKEN_FILE
	  export CI_PIPELINE_TOKEN=simulated-token CI_PROJECT_ID=4242 CI_COMMIT_REF_NAME=main CI_JOB_ID=
	  export ORCHESTRATE_DB="$$ledger" NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
	  # Job control gives a child a process group of its own. So Ctrl-C in a terminal reaches only this script.
	  # The script passes it on to the scheduler first, while the simulated GitLab can still answer.
	  set -m
	  $(debug)/fake-gitlab --port 0 --port-file .orchestrate/simulated.port --token "$$CI_PIPELINE_TOKEN" \
	    --project "$$CI_PROJECT_ID" --ref "$$CI_COMMIT_REF_NAME" > .orchestrate/simulated.log 2>&1 9>&- &
	  gitlab_pid=$$!
	  set +m
	  trap 'kill "$$gitlab_pid" 2> /dev/null || true' EXIT
	  for (( tries = 0; tries < 100; tries++ )); do
	    if [ -s .orchestrate/simulated.port ] || ! kill -0 "$$gitlab_pid" 2> /dev/null; then break; fi
	    sleep 0.1
	  done
	  if ! [ -s .orchestrate/simulated.port ]; then
	    cat .orchestrate/simulated.log >&2
	    echo "make run: the simulated GitLab did not start; its words are above." >&2
	    exit 1
	  fi
	  export CI_API_V4_URL="http://127.0.0.1:$$(tr -d '[:space:]' < .orchestrate/simulated.port)/api/v4"
	  echo "The environment names no GitLab, so a simulated one plays it at $$CI_API_V4_URL. Ctrl-C ends both."
	  echo "For a real one set CI_PIPELINE_TOKEN, CI_PROJECT_ID, CI_COMMIT_REF_NAME and, unless it is GitLab.com, CI_API_V4_URL."
	fi
	shown=""
	if [ "$$ORCHESTRATE_DB" != .orchestrate/orchestrate.db ]; then shown=" --db $$ORCHESTRATE_DB"; fi
	echo "Beside it, in another terminal: $(debug)/orchestrate status$$shown"
	set -m
	$(debug)/orchestrate run $(ARGS) &
	scheduler_pid=$$!
	set +m
	trap 'kill -INT "$$scheduler_pid" 2> /dev/null || true' INT
	# Only once: make also forwards a SIGTERM that this script may already have. A second signal means "at once".
	trap 'trap : TERM HUP; kill -TERM "$$scheduler_pid" 2> /dev/null || true' TERM HUP
	# A trapped signal ends `wait` early, so wait again until the scheduler has ended.
	status=0
	wait "$$scheduler_pid" || status=$$?
	while kill -0 "$$scheduler_pid" 2> /dev/null; do
	  status=0
	  wait "$$scheduler_pid" || status=$$?
	done
	echo "What it did: $(debug)/orchestrate history$$shown"
	exit "$$status"

dry-run: build ## Print what would be triggered, calling no API and writing nothing; Ctrl-C ends it
	@MELT_JOBS_HOME="$${MELT_JOBS_HOME:-jobs}" exec $(debug)/orchestrate run --dry-run $(ARGS)

test: setup ## Run all tests; the live ones only with ORCHESTRATE_LIVE_TESTS=1 and a token
	@if [ "$${ORCHESTRATE_LIVE_TESTS-}" != 1 ] || [ -z "$${CI_PIPELINE_TOKEN-}$${CI_PIPELINE_TOKEN_FILE-}" ]; then
	  echo "make test: no live tests (they need ORCHESTRATE_LIVE_TESTS=1 and CI_PIPELINE_TOKEN)."
	  unset ORCHESTRATE_LIVE_TESTS
	fi
	# First the simulation alone: a child process of another test holds the locks of all open ledgers until its exec. On a
	# busy machine, that takes longer than a ledger waits for its lock. Last the tests with processes and sockets, so that
	# the others do not starve them. The time limits end an endless loop, which a test's own limit cannot do.
	export ORCHESTRATE_FULL_TESTS=1
	# A test has Prometheus' own parser read the metrics file.
	if python=$$(Tests/ci/python prometheus-client==0.26.0); then
	  export ORCHESTRATE_METRICS_PYTHON="$(CURDIR)/$$python"
	else
	  echo "make test: no Python with prometheus-client, its parser did not read the metrics file"
	fi
	timeout --foreground 45m $(test) --parallel --filter SimulationTests
	timeout --foreground 20m $(test) --parallel --skip-build --skip 'SimulationTests|IntegrationTests'
	timeout --foreground 20m $(test) --parallel --skip-build --filter IntegrationTests
	# The scripts of scheduler-ci.yml, as a runner runs them.
	if python=$$(Tests/ci/python check-jsonschema==0.39.0); then
	  timeout --foreground 10m "$$python" Tests/ci/run_scheduler_ci.py "$$($(test_build) --show-bin-path)"
	else
	  echo "make test: no Python with ruamel.yaml, the scripts of scheduler-ci.yml were not run"
	fi

test-quick: setup ## Run the tests that need no HTTP: a few seconds, once built
	@unset ORCHESTRATE_LIVE_TESTS ORCHESTRATE_FULL_TESTS
	$(test) --parallel --skip IntegrationTests

docs: setup ## Record the transcripts of the pages and the golden output anew; then shows what has changed
	@# A recording always fails. The second run shows any other error.
	RECORD=1 $(test) --filter 'ReadmeTests|GoldenTests' >/dev/null 2>&1 || true
	$(test) --filter 'ReadmeTests|GoldenTests' 2>&1 | tail -n 1
	git --no-pager diff --stat -- README.md docs Tests/Command/Golden

soak: setup ## Run the simulation with SEEDS=10000, or any number of seeds; a failing one prints itself
	@SEEDS="$(or $(SEEDS),1000)" $(test) --filter SimulationTests

mutants: setup ## Put small bugs into a copy of the code and see whether the tests notice; ONLY=a name or module
	@ORCHESTRATE_OPTIMISED=1 SWIFT="$(SWIFT)" Tests/mutations/run.py $(ONLY)

lint: setup ## Check the format, the walls between the modules, and the files around the code
	@failed=0
	$(SWIFT) format lint --strict --recursive --parallel Sources Tests Benchmarks Package.swift || failed=1
	# refuse WHY PATTERN FOLDER...: no line of code in these folders may match.
	refuse() {
	  local why=$$1 pattern=$$2; shift 2
	  local found; found=$$(grep -rnP --include='*.swift' "$$pattern" "$$@" | grep -vP '^[^:]+:\d+:\s*//' || true)
	  if [ -n "$$found" ]; then printf '%s\nlint: %s\n' "$$found" "$$why" >&2; failed=1; fi
	}
	import='^\s*(@\w+(\(\w+\))?\s+)*((public|package|internal|fileprivate|private)\s+)?import\s+((struct|class|enum|protocol|typealias|func|var|let)\s+)?'
	elsewhere() { find Sources -mindepth 1 -maxdepth 1 -type d ! -name "$$1"; }
	refuse "Text imports nothing" "$$import" Sources/Text
	refuse "CivilTime imports the C library, to read zone files, and no more" \
	  "$$import(?!(Text|Glibc|Synchronization)\b)" Sources/CivilTime
	refuse "zone files are read in one file" "$$import(Glibc)\b" $$(find Sources/CivilTime -name '*.swift' ! -name ZoneDirectory.swift)
	refuse "Cron does no IO" "$$import(?!(CivilTime|Text)\b)" Sources/Cron
	refuse "Scheduling decides, it does no IO" "$$import(?!(Cron|CivilTime|Text|DequeModule|HeapModule)\b)" Sources/Scheduling
	refuse "CivilTime, Cron and Scheduling are told the time, they never ask for it" \
	  '\b(clock_gettime|gettimeofday|time\(nil\)|ContinuousClock|SuspendingClock|DispatchTime|DispatchWallTime|Date\(\)|Date\.now)' \
	  Sources/CivilTime Sources/Cron Sources/Scheduling Sources/Doctor
	refuse "JobFiles does not name its neighbours" "$$import(Ledger|GitLab|Notices|Orchestrator)\b" Sources/JobFiles
	refuse "Ledger does not name its neighbours" "$$import(JobFiles|GitLab|Notices|Orchestrator)\b" Sources/Ledger
	refuse "GitLab does not name its neighbours" "$$import(JobFiles|Ledger|Notices|Orchestrator)\b" Sources/GitLab
	refuse "Notices does not name its neighbours" "$$import(JobFiles|Ledger|GitLab|Orchestrator)\b" Sources/Notices
	refuse "HTTP knows no server and no job" "$$import(?!(Text|AsyncHTTPClient|NIO\w*|SystemPackage|Synchronization)\b)|\b(GitLab|CI_|MELT_|ORCHESTRATE_)" Sources/HTTP
	refuse "Doctor judges, it does no IO" "$$import(?!(GitLab|JobFiles|Scheduling|Cron|CivilTime|Text)\b)" Sources/Doctor
	refuse "only Ledger speaks to SQLite" "$$import(CSQLite)\b" $$(elsewhere Ledger)
	refuse "SQL is written in Ledger only" \
	  '\b(SELECT\s.+\sFROM|INSERT\s+(OR\s+\w+\s+)?INTO|DELETE\s+FROM|UPDATE\s+\w+\s+SET|CREATE\s+(TABLE|INDEX)|PRAGMA)\b' $$(elsewhere Ledger)
	refuse "only JobFiles reads YAML" "$$import(CYAML)\b" $$(elsewhere JobFiles)
	refuse "only HTTP makes requests" "$$import(AsyncHTTPClient|NIO\w*)\b" $$(elsewhere HTTP)
	refuse "full Foundation brings 50 MB and loses time zones in a static build; FoundationEssentials at most" \
	  "$$import(Foundation|FoundationNetworking|FoundationXML|FoundationInternationalization)\b" Sources
	refuse "input must never end the program: throw an error instead" '\b(fatalError|preconditionFailure)\(|\btry!|\bas!' Sources
	if grep -rnwE 'TODO|FIXME|XXX' Sources Tests >&2; then echo "lint: say it in an issue, not in the code" >&2; failed=1; fi
	untested=$$(find Tests -name '*.swift' -exec awk '
	  FNR == 1 || /^ *$$/ { marked = 0 } /@Test/ { marked = 1 }
	  /^ *((public|internal|private|static) )*func test/ && !marked { print FILENAME ":" FNR ":" $$0 }' {} +)
	if [ -n "$$untested" ]; then
	  printf '%s\nlint: without @Test it never runs\n' "$$untested" >&2; failed=1
	fi
	# These tools are optional.
	with() { if command -v "$$1" > /dev/null; then "$$@" || failed=1; else echo "lint: $$1 is not installed, skipped"; fi; }
	# GitLab's schema knows neither two documents nor interpolation, so a script checks what GitLab makes of the file.
	python=$$(Tests/ci/python check-jsonschema==0.39.0) \
	  && { "$$python" Tests/ci/check_scheduler_ci.py || failed=1; } \
	  || echo "lint: check-jsonschema could not be installed, scheduler-ci.yml is not checked by GitLab's schema"
	# Events, as parsers of others see them.
	python=$$(Tests/ci/python 'jsonschema[format-nongpl]==4.26.0' cloudevents==2.2.0 standardwebhooks==1.1.0) \
	  && { "$$python" Tests/ci/check_notices.py || failed=1; } \
	  || echo "lint: the parsers of events could not be installed, the events of notices are not checked by them"
	with yamllint --strict -d '{extends: relaxed, rules: {line-length: disable}}' scheduler-ci.yml jobs
	with hadolint Dockerfile
	with shellcheck .ci/run Tests/ci/python
	if [ "$$failed" -ne 0 ]; then exit 1; fi
	echo "make lint: clean"

release: setup ## Build dist/orchestrate, a static binary that needs only libc and libm
	@$(link_statically)
	mkdir -p dist
	$(SWIFT) build $(static_build)
	strip -o .build-static/orchestrate "$$($(SWIFT) build $(static_build) --show-bin-path)/orchestrate"
	others=$$(ldd .build-static/orchestrate | grep -vE '^\s*(linux-vdso\.so|libc\.so|libm\.so|/lib[^ ]*/ld-linux)' || true)
	if [ -n "$$others" ]; then
	  printf 'make release: the binary needs more than libc and libm:\n%s\n' "$$others" >&2
	  exit 1
	fi
	# ldd does not know what glibc loads later: libgcc_s, when a thread calls pthread_exit, as at the end of an async
	# @main. So start the binary once in a folder that has only the files that ldd names.
	bare=$$(mktemp -d)
	trap 'rm -rf "$$bare"' EXIT
	for file in $$(ldd .build-static/orchestrate | grep -oE '/[^ ]+'); do install -D "$$file" "$$bare$$file"; done
	install .build-static/orchestrate "$$bare/orchestrate"
	enter=(chroot)
	if [ "$$(id -u)" -ne 0 ]; then enter=(unshare --map-root-user chroot); fi
	if ! "$${enter[@]}" / true 2> /dev/null; then
	  echo "make release: not tried in a bare root folder, which this system does not allow."
	elif ! "$${enter[@]}" "$$bare" /orchestrate --version > /dev/null; then
	  echo "make release: the binary does not start where only libc and libm are; the line above says what it wants." >&2
	  exit 1
	fi
	mv .build-static/orchestrate dist/orchestrate
	ls -lh dist/orchestrate

# The binary and what it reads from the system, so that a CI job needs no package manager.
archive: release ## Build dist/orchestrate-VERSION-linux-ARCH.tar.gz: the binary, time zones, certificates; and its checksum
	@zones=$${TZDIR:-/usr/share/zoneinfo}
	for authorities in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt; do
	  if [ -f "$$authorities" ]; then break; fi
	done
	rm -rf dist/zoneinfo dist/orchestrate-*
	mkdir dist/zoneinfo
	# `posix` and `right` are the same zones again, `localtime` is this machine's own.
	tar -C "$$zones" --dereference --hard-dereference --exclude=./posix --exclude=./right --exclude=./posixrules \
	  --exclude=./localtime -cf - . | tar -C dist/zoneinfo -xf -
	install --mode 644 "$$authorities" dist/ca-certificates.crt
	archive=orchestrate-$$(dist/orchestrate --version)-linux-$$(uname -m).tar.gz
	cd dist
	tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf - orchestrate zoneinfo ca-certificates.crt \
	  | gzip --no-name --best > "$$archive"
	sha256sum "$$archive" > "$$archive.sha256"
	ls -lh "$$archive"
	cat "$$archive.sha256"

publish: archive ## In a CI job of a tag: put the archive and its checksum into the project's package registry
	@version=$$(dist/orchestrate --version)
	tag=$${CI_COMMIT_TAG:-$$(git describe --tags --exact-match 2> /dev/null || true)}
	if [ "$${tag#v}" != "$$version" ]; then
	  echo "make publish: the binary is $$version, and the commit's tag is “$$tag”: tag it v$$version." >&2
	  exit 1
	fi
	if [ -n "$${CI_JOB_TOKEN-}" ]; then credential="JOB-TOKEN: $$CI_JOB_TOKEN"; else credential="PRIVATE-TOKEN: $${CI_PIPELINE_TOKEN-}"; fi
	for name in CI_API_V4_URL CI_PROJECT_ID; do
	  if [ -z "$${!name-}" ]; then echo "make publish: $$name is not set; GitLab sets it in a CI job." >&2; exit 1; fi
	done
	url="$$CI_API_V4_URL/projects/$${CI_PROJECT_ID//\//%2F}/packages/generic/orchestrate/$$version"
	cd dist
	# The checksum last: who sees it finds the archive, too.
	for file in orchestrate-*.tar.gz orchestrate-*.tar.gz.sha256; do
	  # From a file descriptor, so that no process list shows the credential.
	  curl --fail-with-body --silent --show-error --retry 3 --header @<(echo "$$credential") \
	    $${CI_SERVER_TLS_CA_FILE:+--cacert "$$CI_SERVER_TLS_CA_FILE"} --upload-file "$$file" "$$url/$$file"
	  echo
	done
	echo "Published orchestrate $$version."

install: release ## Install the binary, its man page and completions below PREFIX (/usr/local)
	@prefix="$${DESTDIR-}$(PREFIX)"
	# A tool of swift-argument-parser writes the man page from the command's own description. Its plugin would build the
	# whole package once more.
	$(SWIFT) build --package-path .build-static/checkouts/swift-argument-parser --product generate-manual \
	  --scratch-path .build-manual
	.build-manual/debug/generate-manual dist/orchestrate --output-directory .build-manual
	install -D dist/orchestrate "$$prefix/bin/orchestrate"
	install -D --mode 644 .build-manual/orchestrate.1 "$$prefix/share/man/man1/orchestrate.1"
	completion() { install -D --mode 644 <(dist/orchestrate --generate-completion-script "$$1") "$$prefix/$$2"; }
	completion bash share/bash-completion/completions/orchestrate
	completion zsh share/zsh/site-functions/_orchestrate
	completion fish share/fish/vendor_completions.d/orchestrate.fish
	echo "Installed below $$prefix: bin/orchestrate, its man page, completions for bash, zsh and fish."

uninstall: ## Remove what `make install` with the same PREFIX has installed
	@prefix="$${DESTDIR-}$(PREFIX)"
	rm -f "$$prefix/bin/orchestrate" "$$prefix/share/man/man1/orchestrate.1" \
	  "$$prefix/share/bash-completion/completions/orchestrate" \
	  "$$prefix/share/zsh/site-functions/_orchestrate" \
	  "$$prefix/share/fish/vendor_completions.d/orchestrate.fish"

test-release: release ## Run the tests of the commands on dist/orchestrate, the binary that ships
	@export ORCHESTRATE_BINARY="$(CURDIR)/dist/orchestrate"
	timeout --foreground 10m $(test) --parallel --filter CommandTests

image: ## Build the container image orchestrate:latest, where a container engine is
	@for engine in docker podman; do
	  # The client alone is not enough. `info` also asks the engine.
	  if command -v "$$engine" > /dev/null && "$$engine" info > /dev/null 2>&1; then
	    exec "$$engine" build --tag orchestrate:latest .
	  fi
	done
	echo "make image: no running container engine (docker or podman) on this machine." >&2
	exit 1

bench: setup ## Measure beside peers and limits: docs/performance.md; ARGS=--json, or names of measurements
	@$(link_statically)
	for product in orchestrate hello bench; do $(SWIFT) build $(bench_build) --product "$$product" >&2; done
	"$$($(SWIFT) build $(bench_build) --show-bin-path)/bench" $(ARGS)

clean: ## Remove what was built; the ledger in .orchestrate/ stays
	@rm -rf .build .build-test .build-static .build-bench .build-manual .build-lint .static-libs dist
