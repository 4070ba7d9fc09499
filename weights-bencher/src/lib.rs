//! The runtime with its benchmarks, and the tool that measures it.

use std::ffi::OsString;

use clap::Parser;
use frame_benchmarking_cli::PalletCmd;
use sp_runtime::traits::BlakeTwo256;

include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

/// Runs the benchmarking tool's `pallet` command with these arguments, less `--runtime`: the runtime is built in.
///
/// # Errors
/// The tool's own, and if the program was built without a runtime.
pub fn measure(arguments: impl IntoIterator<Item = OsString>) -> sc_cli::Result<()> {
	let folder = tempfile::tempdir()?;
	let runtime = folder.path().join("baseload-runtime.wasm");
	std::fs::write(&runtime, WASM_BINARY.ok_or("built with SKIP_WASM_BUILD: there is no runtime to measure")?)?;
	let fixed = ["--genesis-builder", "runtime", "--genesis-builder-preset", "development", "--runtime"];
	let program = OsString::from("pallet");
	let arguments = [program].into_iter().chain(arguments).chain(fixed.map(OsString::from)).chain([runtime.into()]);
	PalletCmd::parse_from(arguments).run_with_spec::<BlakeTwo256, ()>(None)
}
