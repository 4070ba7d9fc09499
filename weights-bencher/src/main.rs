//! Measures the calls of the Baseload runtime and writes their weights. `make weights` runs it; docs/weights.md explains.
//!
//! Takes the arguments of the benchmarking tool's `pallet` command, less those that choose the runtime and its state. With `--peer`
//! it measures the pallets that Baseload is measured beside and does not run.

use std::ffi::OsString;

use clap::Parser;
use frame_benchmarking_cli::PalletCmd;
use sp_runtime::traits::BlakeTwo256;

// Their files hold more than is used here
#[allow(dead_code)]
mod ours {
	include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));
}

#[allow(dead_code)]
mod peers {
	include!(concat!(env!("OUT_DIR"), "/peer_binary.rs"));
}

fn main() -> sc_cli::Result<()> {
	let (peer, mut arguments): (Vec<_>, Vec<_>) = std::env::args_os().partition(|argument| argument == "--peer");
	let binary = if peer.is_empty() {
		ours::WASM_BINARY
	} else {
		peers::WASM_BINARY
	};
	let folder = tempfile::tempdir()?;
	let runtime = folder.path().join("runtime.wasm");
	std::fs::write(
		&runtime,
		binary.ok_or("built with SKIP_WASM_BUILD: there is no runtime to measure")?,
	)?;
	let fixed = [
		"--genesis-builder",
		"runtime",
		"--genesis-builder-preset",
		"development",
		"--runtime",
	];
	arguments.extend(fixed.map(OsString::from));
	arguments.push(runtime.into());
	PalletCmd::parse_from(arguments).run_with_spec::<BlakeTwo256, ()>(None)
}
