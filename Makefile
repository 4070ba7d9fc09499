# Everything here sets up what it needs. The build goes to $CARGO_TARGET_DIR, or ~/.cache/baseload-target.
WITH := scripts/with-toolchain
TARGET = $(or $(CARGO_TARGET_DIR),$(HOME)/.cache/baseload-target)

.PHONY: help run test build ledger lint doc weights bench stress controls

help: ## list the commands, a line each
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

run: ## start a development node and drive one real plant's day through it, then serve until Ctrl-C
	@scripts/announce run "Building the node and its tools" "30 to 65"
	@$(WITH) cargo build --release --locked --workspace --bins
	@scripts/announce run done
	@$(WITH) $(TARGET)/release/baseload-demo --node $(TARGET)/release/baseload-node

test: ## run every test, from pallets to real node processes and a stock wallet
	@scripts/announce test "Building the node, its tools and every test" "40 to 85"
	@scripts/test-tools
	@$(WITH) cargo build --release --locked --workspace --bins
	@$(WITH) cargo test --release --locked --workspace
	@scripts/announce test done

build: ## build the node, the command line and the gateway
	@scripts/announce build "Building" "30 to 65"
	@$(WITH) cargo build --release --locked --workspace --bins
	@scripts/announce build done

ledger: ## build a node whose runtime has its metadata's hash, for offline wallets such as Ledger, and sign one transfer so
	@scripts/announce ledger "Building the node with its metadata's hash, and its test" "35 to 80"
	@scripts/test-tools
	@CARGO_TARGET_DIR=$(TARGET)/ledger $(WITH) cargo build --release --locked --workspace --bin baseload-node --example ledger --features baseload-runtime/metadata-hash
	@scripts/announce ledger done
	@$(TARGET)/ledger/release/examples/ledger
	@echo "The node: $(TARGET)/ledger/release/baseload-node"

lint: ## formatting and clippy, warnings denied
	@$(WITH) cargo fmt --all --check
	@$(WITH) cargo clippy --release --locked --workspace --all-targets -- -D warnings
	@SKIP_WASM_BUILD=1 $(WITH) cargo clippy --release --locked -p baseload-runtime --features runtime-benchmarks,try-runtime -- -D warnings

doc: ## build the API documentation, warnings denied
	@RUSTDOCFLAGS="-D warnings" $(WITH) cargo doc --release --locked --workspace --no-deps

weights: ## measure every call of our pallets and write runtime/src/weights
	@scripts/announce weights "Building the bencher and a runtime with benchmarks, then measuring" 45
	@$(WITH) scripts/weights
	@scripts/announce weights done

bench: ## print how fast our calls are, each beside a peer measured in the same run
	@scripts/announce bench "Building the bencher and a runtime with benchmarks, then measuring" 45
	@$(WITH) scripts/bench
	@scripts/announce bench done

stress: ## run the stablecoin's stress scenarios on the real runtime in memory, and plot them
	@scripts/announce stress "Building the runtime and its stress scenarios" "15 to 25"
	@$(WITH) cargo build --release --locked --workspace --example stress
	@scripts/announce stress done
	@$(TARGET)/release/examples/stress $(TARGET)/stress

controls: ## seed bugs into the stablecoin one at a time, and require that a numbered invariant catches each
	@$(WITH) scripts/negative-controls
