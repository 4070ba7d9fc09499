//! Measures the calls of the Baseload runtime and writes their weights. `make weights` runs it; docs/weights.md explains.
//!
//! Takes the arguments of the benchmarking tool's `pallet` command, less those that choose the runtime and its state.

fn main() -> sc_cli::Result<()> {
	baseload_weights_bencher::measure(std::env::args_os().skip(1))
}
