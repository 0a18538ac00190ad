# The front door: every target does its own set-up (packages, LibTorch, configure, build).
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := build

PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
PRESET ?= release
BUILD := build

.PHONY: build configure setup test-setup demo test fast-test asan-test fuzz bench install man format clean help

help:
	@echo 'make            build everything into build/bin'
	@echo 'make demo       build, then captions, SFT, RL and evaluation at nano scale'
	@echo 'make test       build, then every test'
	@echo 'make fast-test  the tests that need no trained model'
	@echo 'make asan-test  the layers below LibTorch under ASan and UBSan'
	@echo 'make fuzz       RUNS=1000000: every fuzz target under ASan and UBSan'
	@echo 'make bench      the benchmarks of tests/bench'
	@echo 'make install    PREFIX=/usr/local: programs, man pages, schemas, share'
	@echo 'make man        rewrite man/ from the programs'\'' own option tables'
	@echo 'make format     clang-format over the sources'
	@echo 'make clean      remove build/'

setup:
	@cmake/setup-packages.sh

test-setup:
	@cmake/setup-packages.sh --tests

configure: setup
	@torch_dir=$$(cmake/setup-libtorch.sh); \
	if [[ ! -f $(BUILD)/build.ninja ]] || ! grep -qxF "Torch_DIR:PATH=$$torch_dir" $(BUILD)/CMakeCache.txt; then \
	  cmake --preset $(PRESET) -B $(BUILD) "-DTorch_DIR:PATH=$$torch_dir" "-DCMAKE_INSTALL_PREFIX=$(PREFIX)"; \
	fi

build: configure
	@cmake --build $(BUILD) -j $(JOBS)

demo: build
	@$(MAKE) --no-print-directory -f pipelines/nano.mk demo

test: test-setup build
	@cd $(BUILD) && ctest --output-on-failure --no-tests=error

fast-test: build
	@cd $(BUILD) && ctest --output-on-failure --no-tests=error -LE slow

asan-test: setup
	@cmake --preset asan
	@cmake --build build-asan -j $(JOBS)
	@cd build-asan && ctest --output-on-failure --no-tests=error

RUNS ?= 1000000
FUZZED := torch_file pickle tokenizer safetensors answers
fuzz: setup
	@torch_dir=$$(cmake/setup-libtorch.sh); cmake --preset fuzz "-DTorch_DIR:PATH=$$torch_dir"
	@cmake --build build-fuzz -j $(JOBS) --target $(FUZZED:%=%-fuzz)
	@for target in $(FUZZED); do (cd build-fuzz && bin/$$target-fuzz --runs $(RUNS) ../tests/fuzz/corpus/$$target); done

bench: build
	@tests/bench/run.sh

install: build
	@cmake --install $(BUILD) --prefix "$(PREFIX)"

man: build
	@tests/lint/man_pages.sh --rewrite $(BUILD)/bin man

format:
	@clang-format -i $$(git ls-files '*.h' '*.cpp')

clean:
	@rm -rf build build-asan build-debug build-fuzz
