//! `key`: makes, shows and encrypts meters' signing keys.

use std::path::{Path, PathBuf};

use anyhow::{ensure, Result};
use baseload_client::{
	device::format_device_key,
	keys::{DeviceSecret, Passphrase},
};
use clap::Subcommand;
use serde_json::json;

use super::Outcome;

/// What to do with keys. Only their public parts are ever shown.
#[derive(Subcommand)]
pub enum Args {
	/// Make a key for each file, readable to its owner only, and print the public parts
	New {
		#[command(flatten)]
		files: Files,
		/// Encrypt them under a passphrase. Keys that are made together open together, as fast as one
		#[arg(long)]
		encrypt: bool,
	},
	/// Print the public parts of keys
	Show(Files),
	/// Encrypt keys in their files
	Encrypt(Files),
}

/// Which keys.
#[derive(clap::Args)]
pub struct Files {
	/// Where a key is, or is to be; several may be named
	#[arg(long = "file", value_name = "FILE", required = true, num_args = 1..)]
	files: Vec<PathBuf>,
	/// The file with the passphrase, instead of BASELOAD_PASSPHRASE_FILE or the terminal
	#[arg(long, value_name = "FILE")]
	passphrase_file: Option<PathBuf>,
}

impl Files {
	fn passphrase(&self) -> Result<Option<Passphrase>> {
		let path = self.passphrase_file.as_deref();
		Ok(path.map(Passphrase::from_file).transpose()?)
	}

	fn new_passphrase(&self) -> Result<Passphrase> {
		match self.passphrase()? {
			Some(passphrase) => Ok(passphrase),
			None => Ok(Passphrase::choose()?),
		}
	}

	/// Does something to each file.
	fn each(&self, mut act: impl FnMut(&Path) -> baseload_client::Result<DeviceSecret>) -> Result<Vec<DeviceSecret>> {
		Ok(self.files.iter().map(|file| act(file)).collect::<Result<_, _>>()?)
	}
}

/// Makes, shows or encrypts keys; prints their public parts.
pub async fn run(args: Args, _json: bool) -> Result<Outcome> {
	let (files, devices) = match args {
		Args::New { files, encrypt } => {
			let devices = create(&files, encrypt)?;
			(files, devices)
		}
		Args::Show(files) => {
			let passphrase = files.passphrase()?;
			let devices = files.each(|file| match &passphrase {
				Some(passphrase) => DeviceSecret::open(file, Some(passphrase)),
				None => DeviceSecret::from_file(file),
			})?;
			(files, devices)
		}
		Args::Encrypt(files) => {
			let passphrase = files.new_passphrase()?;
			let devices = files.each(|file| DeviceSecret::encrypt(file, &passphrase))?;
			(files, devices)
		}
	};
	let keys: Vec<_> = devices
		.iter()
		.map(|device| format_device_key(device.public()))
		.collect();
	if let [key] = &keys[..] {
		return Ok(Outcome::new(key.clone(), json!({ "public_key": key })));
	}
	let named = || files.files.iter().map(|file| file.display().to_string()).zip(&keys);
	let lines: Vec<_> = named().map(|(file, key)| format!("{key}  {file}")).collect();
	let list: Vec<_> = named()
		.map(|(file, key)| json!({ "file": file, "public_key": key }))
		.collect();
	Ok(Outcome::new(lines.join("\n"), json!({ "keys": list })))
}

fn create(files: &Files, encrypt: bool) -> Result<Vec<DeviceSecret>> {
	ensure!(
		encrypt || files.passphrase_file.is_none(),
		"a passphrase is given, but --encrypt is not"
	);
	// Before the first is made, so that a failure leaves none behind
	for (place, file) in files.files.iter().enumerate() {
		ensure!(
			!file.exists(),
			"{} is there already: a key is never written over",
			file.display()
		);
		ensure!(
			!files.files[..place].contains(file),
			"{} is named twice",
			file.display()
		);
	}
	match encrypt {
		true => {
			let passphrase = files.new_passphrase()?;
			files.each(|file| DeviceSecret::create_encrypted(file, &passphrase))
		}
		false => files.each(DeviceSecret::create),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::Parser;
	use std::{fs, os::unix::fs::PermissionsExt};

	#[derive(Parser)]
	struct Line {
		#[command(subcommand)]
		args: Args,
	}

	async fn said(line: &str) -> Result<Outcome> {
		run(Line::try_parse_from(format!("key {line}").split(' '))?.args, false).await
	}

	#[tokio::test]
	async fn keys_should_be_made_shown_and_encrypted() {
		let folder = tempfile::tempdir().unwrap();
		let path = |name: &str| folder.path().join(name).display().to_string();
		let (a, b, passphrase) = (path("a"), path("b"), path("passphrase"));
		fs::write(&passphrase, "correct horse\n").unwrap();
		fs::set_permissions(&passphrase, fs::Permissions::from_mode(0o600)).unwrap();

		let made = said(&format!("new --file {a}")).await.unwrap();
		assert_eq!(said(&format!("show --file {a}")).await.unwrap().text, made.text);
		let sealed = format!("--file {b} --passphrase-file {passphrase}");
		assert!(
			said(&format!("new {sealed}")).await.is_err(),
			"a passphrase for nothing"
		);
		let second = said(&format!("new --encrypt {sealed}")).await.unwrap();
		assert_eq!(said(&format!("show {sealed}")).await.unwrap().json, second.json);

		let both = format!("--file {a} {b} --passphrase-file {passphrase}");
		let encrypted = said(&format!("encrypt {both}")).await.unwrap();
		assert_eq!(encrypted.text, format!("{}  {a}\n{}  {b}", made.text, second.text));
		assert_eq!(encrypted.json["keys"][1]["public_key"], second.json["public_key"]);
		assert_eq!(said(&format!("show {both}")).await.unwrap().text, encrypted.text);
	}

	#[tokio::test]
	async fn no_key_should_be_made_when_one_of_the_files_is_there() {
		let folder = tempfile::tempdir().unwrap();
		let path = |name: &str| folder.path().join(name).display().to_string();
		fs::write(path("b"), "something").unwrap();
		let Err(error) = said(&format!("new --file {} {}", path("a"), path("b"))).await else {
			panic!("a file is there");
		};
		assert!(error.to_string().contains("never written over"), "{error}");
		assert!(said(&format!("new --file {} {}", path("a"), path("a"))).await.is_err());
		assert!(!folder.path().join("a").exists());
		assert_eq!(fs::read_to_string(path("b")).unwrap(), "something");
	}
}
