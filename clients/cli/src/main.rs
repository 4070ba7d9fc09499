//! `baseload`: a Baseload chain from the command line.
//!
//! Results go to standard output, as a small table or, with `--json`, as one JSON object; progress and errors go to standard
//! error. The exit code is 0 if everything asked for was done, 1 if not, and 2 if the command line makes no sense.
//!
//! In JSON, amounts of KWH and BLD are strings of base units (12 decimals), reserve tokens strings of their base units, energy
//! is a string of Wh, prices and ratios are decimal strings, times are numbers of Unix milliseconds, durations of
//! milliseconds.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod arguments;
mod commands;
mod context;
mod output;
mod tokens;

use std::{
	io::{self, Write},
	process::ExitCode,
};

use clap::Parser;

use crate::{commands::Command, context::Context};

/// People's tool for a Baseload chain: sites and meters, vaults, power purchase agreements, validators.
#[derive(Parser)]
#[command(name = "baseload", version, propagate_version = true)]
struct CommandLine {
	#[command(flatten)]
	settings: context::Settings,
	#[command(subcommand)]
	command: Command,
}

fn main() -> ExitCode {
	let line = CommandLine::parse();
	let done = tokio::runtime::Runtime::new()
		.map_err(anyhow::Error::from)
		.and_then(|runtime| runtime.block_on(run(line)));
	match done {
		Ok(()) => ExitCode::SUCCESS,
		// Whoever read the output has seen enough of it.
		Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
		Err(error) => {
			// There is nobody left to tell if this fails.
			let _ = writeln!(io::stderr(), "error: {error:#}");
			ExitCode::FAILURE
		}
	}
}

async fn run(line: CommandLine) -> anyhow::Result<()> {
	let json = line.settings.json;
	let context = Context::new(line.settings)?;
	let report = line.command.run(&context).await?;
	report.print(json, &mut io::stdout().lock())?;
	Ok(())
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
	error
		.downcast_ref::<io::Error>()
		.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::CommandFactory;

	#[test]
	fn command_line_should_be_sound() {
		CommandLine::command().debug_assert();
	}
}
