//! Files that hold a secret: nobody but their owner may read them.

use std::{
	fs,
	io::{Read, Write},
	path::Path,
};

use zeroize::Zeroizing;

use crate::{Error, Result};

/// No file with a secret is longer than this, in bytes.
const LONGEST: u64 = 4096;

/// Where systemd puts a service's credentials. It guards the folder by itself and gives the service its files by an access
/// list, which shows as a group's right to read.
const CREDENTIALS_VARIABLE: &str = "CREDENTIALS_DIRECTORY";

/// Reads a file that nobody but its owner may read. It must not be empty.
pub(super) fn read_secret(path: &Path) -> Result<Zeroizing<String>> {
	let failed = |reason: &dyn core::fmt::Display| Error::Key(format!("key file {}: {reason}", path.display()));
	let file = fs::File::open(path).map_err(|error| failed(&error))?;
	let metadata = file.metadata().map_err(|error| failed(&error))?;
	if !metadata.is_file() {
		return Err(failed(&"not a file"));
	}
	#[cfg(unix)]
	{
		use std::os::unix::fs::PermissionsExt;
		let credentials = std::env::var_os(CREDENTIALS_VARIABLE);
		let credential = credentials.is_some_and(|folder| path.parent() == Some(Path::new(&folder)));
		let mode = metadata.permissions().mode() & 0o777;
		if readable_by_others(mode, credential) {
			return Err(failed(&format!(
				"others can read it (mode {mode:o}): run chmod 600 on it"
			)));
		}
	}
	// All of it at once, so that no shorter copy is left behind where the text grew
	let mut text = Zeroizing::new(String::with_capacity(LONGEST as usize));
	file.take(LONGEST)
		.read_to_string(&mut text)
		.map_err(|error| failed(&error))?;
	if text.trim().is_empty() {
		return Err(failed(&"it is empty"));
	}
	Ok(text)
}

/// Whether a file with this mode is open to more than its owner.
fn readable_by_others(mode: u32, credential: bool) -> bool {
	mode & if credential { 0o037 } else { 0o077 } != 0
}

/// Writes a new file that nobody but its owner may read.
pub(super) fn write_secret(path: &Path, line: &str) -> Result<()> {
	let failed = |error: std::io::Error| Error::Key(format!("key file {}: {error}", path.display()));
	let mut options = fs::OpenOptions::new();
	options.write(true).create_new(true);
	#[cfg(unix)]
	{
		use std::os::unix::fs::OpenOptionsExt;
		options.mode(0o600);
	}
	let mut file = options.open(path).map_err(failed)?;
	writeln!(file, "{line}").map_err(failed)?;
	file.sync_all().map_err(failed)?;
	sync_folder(path).map_err(failed)
}

/// Writes another line into an existing file with a secret: whole or, if the machine stops, not at all.
pub(super) fn replace_secret(path: &Path, line: &str) -> Result<()> {
	let failed = |error: std::io::Error| Error::Key(format!("key file {}: {error}", path.display()));
	let mut name = path.file_name().unwrap_or_default().to_os_string();
	name.push(".new");
	let beside = path.with_file_name(name);
	write_secret(&beside, line)?;
	fs::rename(&beside, path).map_err(failed)?;
	sync_folder(path).map_err(failed)
}

/// A file's name outlives a loss of power only once its folder is written.
fn sync_folder(path: &Path) -> std::io::Result<()> {
	match path.parent() {
		Some(folder) if !folder.as_os_str().is_empty() => fs::File::open(folder)?.sync_all(),
		_ => Ok(()),
	}
}

#[cfg(test)]
pub(super) mod tests {
	use super::*;
	use std::os::unix::fs::PermissionsExt;

	/// A file with this text and mode, and its folder.
	pub fn file(text: &str, mode: u32) -> (tempfile::TempDir, std::path::PathBuf) {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("key");
		fs::write(&path, text).unwrap();
		fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
		(folder, path)
	}

	#[test]
	fn secret_should_be_refused_when_others_can_read_it() {
		for mode in [0o644, 0o640, 0o604, 0o620, 0o666] {
			let (_folder, path) = file("secret\n", mode);
			let error = read_secret(&path).unwrap_err().to_string();
			assert!(
				error.contains(&format!("mode {mode:o}")) && !error.contains("secret\n"),
				"{error}"
			);
		}
		for mode in [0o600, 0o400] {
			let (_folder, path) = file("secret\n", mode);
			assert_eq!(read_secret(&path).unwrap().as_str(), "secret\n");
		}
	}

	#[test]
	fn group_should_read_only_what_systemd_gives_it() {
		assert!(!readable_by_others(0o440, true));
		for (mode, credential) in [(0o440, false), (0o444, true), (0o460, true)] {
			assert!(readable_by_others(mode, credential), "{mode:o}");
		}
	}

	#[test]
	fn secret_should_be_refused_when_missing_or_empty() {
		let (folder, path) = file("\n", 0o600);
		assert!(read_secret(&path).unwrap_err().to_string().contains("empty"));
		assert!(read_secret(&folder.path().join("none")).is_err());
		assert!(read_secret(folder.path()).is_err());
	}

	#[test]
	fn secret_should_stay_its_owners_when_replaced() {
		let (folder, path) = file("old\n", 0o600);
		replace_secret(&path, "new").unwrap();
		assert_eq!(read_secret(&path).unwrap().as_str(), "new\n");
		assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
		assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
	}
}
