//! `key`: makes and shows a meter's signing key.

use std::path::PathBuf;

use anyhow::Result;
use baseload_client::{device::format_device_key, keys::DeviceSecret};
use clap::Subcommand;
use serde_json::json;

use super::Outcome;

/// What to do with a key.
#[derive(Subcommand)]
pub enum Args {
	/// Make a key and print its public part
	New {
		/// Where to put it; must not exist
		#[arg(long)]
		file: PathBuf,
	},
	/// Print the public part of a key
	Show {
		/// Where it is
		#[arg(long)]
		file: PathBuf,
	},
}

/// Makes or shows a key; prints its public part.
pub async fn run(args: Args, _json: bool) -> Result<Outcome> {
	let device = match args {
		Args::New { file } => DeviceSecret::create(&file)?,
		Args::Show { file } => DeviceSecret::from_file(&file)?,
	};
	let key = format_device_key(device.public());
	Ok(Outcome::new(key.clone(), json!({ "public_key": key })))
}
