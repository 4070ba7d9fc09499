//! Measures the calls of the Baseload runtime and writes their weights. `make weights` runs it; docs/weights.md explains.
//!
//! Takes the arguments of the benchmarking tool's `pallet` command, less `--runtime`: the runtime is built in.

use clap::Parser;
use frame_benchmarking_cli::PalletCmd;
use sp_runtime::traits::BlakeTwo256;

include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

fn main() -> sc_cli::Result<()> {
	let folder = tempfile::tempdir()?;
	let runtime = folder.path().join("baseload-runtime.wasm");
	std::fs::write(&runtime, WASM_BINARY.ok_or("built with SKIP_WASM_BUILD: there is no runtime to measure")?)?;
	let mut arguments: Vec<std::ffi::OsString> = std::env::args_os().collect();
	arguments.extend(["--runtime".into(), runtime.into()]);
	PalletCmd::parse_from(arguments).run_with_spec::<BlakeTwo256, ()>(None)
}
