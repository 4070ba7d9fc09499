//! Measures the calls of the Baseload runtime and writes their weights. `make weights` runs it; docs/weights.md explains.
//!
//! Takes the arguments of the benchmarking tool's `pallet` command, less those that choose the runtime and its state.

use std::ffi::OsString;

use clap::Parser;
use frame_benchmarking_cli::PalletCmd;
use sp_runtime::traits::BlakeTwo256;

include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

fn main() -> sc_cli::Result<()> {
	let folder = tempfile::tempdir()?;
	let runtime = folder.path().join("baseload-runtime.wasm");
	std::fs::write(
		&runtime,
		WASM_BINARY.ok_or("built with SKIP_WASM_BUILD: there is no runtime to measure")?,
	)?;
	let fixed = [
		"--genesis-builder",
		"runtime",
		"--genesis-builder-preset",
		"development",
		"--runtime",
	];
	let arguments = std::env::args_os()
		.chain(fixed.map(OsString::from))
		.chain([runtime.into()]);
	PalletCmd::parse_from(arguments).run_with_spec::<BlakeTwo256, ()>(None)
}
