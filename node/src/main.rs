//! The Baseload node.
//!
//! * [`cli`]: what can be given on the command line.
//! * [`command`]: what each command does.
//! * [`components`]: the parts every command needs: database, client, pool, import queue.
//! * [`service`]: a running node: network, RPC, block authoring, finality.
//! * [`rpc`]: the JSON-RPC methods beside the standard ones.

mod cli;
mod command;
mod components;
mod rpc;
mod service;

use std::process::ExitCode;

fn main() -> ExitCode {
	match command::run() {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("Error: {error}");
			ExitCode::FAILURE
		}
	}
}
