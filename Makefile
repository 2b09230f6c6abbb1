# What people type; the building itself is in CMakeLists.txt.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.SILENT:
MAKEFLAGS += --no-print-directory

JOBS ?= $(shell nproc)
ARGS ?=
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

BUILD_PACKAGES := gcc libc6-dev cmake make pkg-config libuv1-dev libpq-dev \
	libsqlite3-dev libssl-dev libpg-query-dev libyaml-dev libpcre2-dev \
	libgmp-dev uthash-dev tzdata ca-certificates
TEST_PACKAGES := clang libclang-rt-14-dev libcmocka-dev postgresql-15 \
	python3-venv mandoc openssl
# by command, because people have these from elsewhere too
TEST_COMMANDS := node:nodejs npm:npm

# a mirror may hiccup, and somebody else be installing
RETRY := -o Acquire::Retries=5 -o DPkg::Lock::Timeout=300

SERVER_HEADERS := include/postgresql/15/server/nodes/parsenodes.h

help:
	cat <<-END
	make deps     install what building and testing need (Debian 12, apt)
	make build    build/release/weir
	make run      build and run it; ARGS='--help' passes arguments
	make test     everything that must pass: units, sanitizers, fuzzing, drivers
	make fuzz     fuzz every target for SECONDS (60)
	make prove    the long proofs
	make bench    measure
	make manual   write anew what weir-sql(7) shows of the compiler
	make format   lay out the sources by .clang-format
	make install  into PREFIX (/usr/local), with the manual
	make clean    remove build/
	END

# --- what must be there -------------------------------------------------------

# Installs the packages of $$packages that are missing; silent when none is.
define install_missing
	missing=()
	for package in $$packages; do
		dpkg-query -W -f '$${Status}' "$$package" 2>/dev/null |
			grep -q 'ok installed' || missing+=("$$package")
	done
	if [ $${#missing[@]} -gt 0 ]; then
		command -v apt-get >/dev/null ||
			{ echo "install these first: $${missing[*]}"; exit 1; }
		echo "installing $${missing[*]}"
		$(SUDO) apt-get $(RETRY) update -qq </dev/null
		$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get $(RETRY) install \
			-y -qq --no-install-recommends "$${missing[@]}" \
			</dev/null >/dev/null
	fi
endef

# The package with Postgres's node headers drags in clang and LLVM; its
# headers alone are 1 MB.
deps-build:
	packages="$(BUILD_PACKAGES)"
	$(install_missing)
	if [ ! -e /usr/$(SERVER_HEADERS) ] && \
	   [ ! -e .deps/usr/$(SERVER_HEADERS) ]; then
		echo "unpacking postgresql-server-dev-15 into .deps/"
		mkdir -p .deps
		cd .deps
		apt-get $(RETRY) download -qq postgresql-server-dev-15 </dev/null ||
			{ $(SUDO) apt-get $(RETRY) update -qq </dev/null
			  apt-get $(RETRY) download -qq postgresql-server-dev-15 </dev/null; }
		for package in postgresql-server-dev-15_*.deb; do
			dpkg -x "$$package" .
		done
		rm postgresql-server-dev-15_*.deb
	fi

deps: deps-build
	packages="$(TEST_PACKAGES)"
	for pair in $(TEST_COMMANDS); do
		command -v "$${pair%%:*}" >/dev/null ||
			packages="$$packages $${pair##*:}"
	done
	$(install_missing)

# --- building and running -----------------------------------------------------

build: deps-build
	mkdir -p build
	cmake --preset release >build/release.log 2>&1 || { cat build/release.log; exit 1; }
	cmake --build --preset release -j$(JOBS) --target weir

run: build
	exec build/release/weir $(ARGS)

install: build
	cmake --install build/release --prefix $${PREFIX:-/usr/local}

# --- testing ------------------------------------------------------------------

# Under gcc as released, under clang with AddressSanitizer and UBSan and a
# short run of each fuzzer, the engine's threads under ThreadSanitizer, the
# real drivers through the released binary.
test: deps build
	cmake --build --preset release -j$(JOBS)
	step() { printf '\n== %s\n' "$$*"; }
	units() { ctest --test-dir build/$$1 --output-on-failure -j$(JOBS) \
			--timeout 600 "$${@:2}" </dev/null; }
	step unit tests, gcc release
	units release
	step unit tests and fuzzers, clang, AddressSanitizer and UBSan
	cmake --preset asan >build/asan.log 2>&1 || { cat build/asan.log; exit 1; }
	cmake --build --preset asan -j$(JOBS)
	units asan
	step the engine, ThreadSanitizer
	cmake --preset tsan >build/tsan.log 2>&1 || { cat build/tsan.log; exit 1; }
	for source in tests/unit/test_lite_engine*.c; do
		[ ! -e "$$source" ] ||
			cmake --build --preset tsan -j$(JOBS) \
				--target "$$(basename "$$source" .c)"
	done
	units tsan -R lite_engine
	step manual pages
	mandoc -T lint -W warning proxy/weir.1 proxy/weir.yaml.5 proxy/weir-sql.7
	if [ -x tests/run ]; then
		step drivers and conversations
		tests/run build/release/weir </dev/null
		step the same, AddressSanitizer and UBSan
		WEIR_TEST_MODES=strict tests/run build/asan/weir \
			--ignore=tests/test_timeouts.py </dev/null
	fi

SECONDS_EACH := $(if $(filter command line,$(origin SECONDS)),$(SECONDS),60)
fuzz: deps
	mkdir -p build
	cmake --preset asan >/dev/null
	cmake --build --preset asan -j$(JOBS)
	for source in tests/fuzz/fuzz_*.c; do
		name=$$(basename "$$source" .c)
		mkdir -p build/asan/corpus/$$name
		seeds=tests/fuzz/corpus/$$name
		[ -d "$$seeds" ] || seeds=
		build/asan/$$name -max_total_time=$(SECONDS_EACH) \
			-timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
			-artifact_prefix=build/asan/ \
			build/asan/corpus/$$name $$seeds
	done

prove: deps build
	[ -x tests/prove/run ] || { echo "there are no proofs yet"; exit 1; }
	cmake --build --preset release -j$(JOBS) --target weir-counting
	tests/prove/run build/release/weir $(ARGS)

bench: deps build
	[ -x tests/bench/run ] || { echo "there are no benchmarks yet"; exit 1; }
	tests/bench/run build/release/weir $(ARGS)

manual: build
	python3 tests/manual_sql.py

format:
	git ls-files '*.c' '*.h' | xargs clang-format -i

clean:
	rm -rf build

.PHONY: help deps-build deps build run install test fuzz prove bench manual format clean
