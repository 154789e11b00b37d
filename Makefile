# Every task of the project. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

SWIFT ?= swift
PREFIX ?= /usr/local
# Arguments of `make bench` and `make fuzz`.
BENCH ?= connect ping stream dht rpc lookup routing crypto simulate crdt
TARGET ?= all
SECONDS_EACH := $(if $(filter command line environment,$(origin SECONDS)),$(SECONDS),60)

SWIFT_SOURCES := Package.swift Sources Tests Benchmarks
DEBUG := .build/debug/meshp2p
RELEASE := .build/release/meshp2p

.PHONY: help commit run test dependencies build build-tests release bench install format lint \
        test-asan test-tsan fuzz interop interop-peers clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

run: dependencies release ## install what is missing, build, then a registry peer and two meshes on loopback
	@Bootstrap/demo.sh

test: dependencies build-tests lint interop-peers ## install what is missing, build, lint, run every test
	@Tests/run.sh all

dependencies: ## install the Debian packages that are missing, check the Swift toolchain
	@Bootstrap/install-dependencies.sh

build: commit ## debug build
	$(SWIFT) build

commit:
	@Bootstrap/record-commit.sh

build-tests: commit
	$(SWIFT) build --build-tests

release: commit ## optimised build: .build/release/meshp2p
	$(SWIFT) build -c release --product meshp2p --static-swift-stdlib

bench: release ## the benchmarks; BENCH="connect ping" chooses
	@for name in $(BENCH); do $(RELEASE) bench $$name; done

install: release ## copy the optimised binary to PREFIX/bin (/usr/local/bin)
	install -D -m 0755 -s $(RELEASE) $(DESTDIR)$(PREFIX)/bin/meshp2p

format: ## rewrite the sources in the house format
	$(SWIFT) format --in-place --recursive --parallel $(SWIFT_SOURCES)

lint: ## the format and lint rules, strictly
	$(SWIFT) format lint --strict --recursive --parallel $(SWIFT_SOURCES)

test-asan: dependencies ## every test but interop under the address sanitizer
	@Tests/run.sh asan

test-tsan: dependencies ## every test but interop under the thread sanitizer
	@Tests/run.sh tsan

fuzz: dependencies ## fuzz the parsers: make fuzz TARGET=yamux SECONDS=600 (default: all, 60 each)
	@Tests/Fuzz/run.sh "$(TARGET)" "$(SECONDS_EACH)"

interop-peers: ## install the foreign libp2p peers from PyPI into .venv-interop
	@Tests/InteropTests/peers/setup.sh

interop: dependencies build-tests interop-peers ## only the tests against foreign libp2p peers
	@Tests/run.sh interop

clean: ## remove build products and the foreign peers
	rm -rf .build .build-* .venv-*
