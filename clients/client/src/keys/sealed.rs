//! Device seeds, encrypted under a passphrase.
//!
//! A sealed seed is one line of five fields: `baseload-sealed-1`, the binary logarithm of the memory in KiB, a salt, a nonce, and
//! the seed encrypted, the last three in hex. The key is Argon2id (RFC 9106) of the passphrase with that salt and memory, three
//! passes and one lane; the cipher is ChaCha20-Poly1305 (RFC 8439), which authenticates the fields before it too.

use std::{
	io::IsTerminal,
	path::Path,
	sync::{Mutex, PoisonError},
};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use ring::aead::{Aad, LessSafeKey, Nonce, UnboundKey, CHACHA20_POLY1305};
use zeroize::Zeroizing;

use super::file::read_secret;
use crate::{Error, Result};

/// The environment variable that names the file with the passphrase of sealed keys.
pub const PASSPHRASE_VARIABLE: &str = "BASELOAD_PASSPHRASE_FILE";

const MARK: &str = "baseload-sealed-1";
/// 64 MiB, as RFC 9106 recommends where memory is short.
const LOG_KIB: u8 = 16;
/// What a file may demand: up to 1 GiB.
const LOG_KIB_ACCEPTED: core::ops::RangeInclusive<u8> = 14..=20;
const PASSES: u32 = 3;
const SALT: usize = 16;
const NONCE: usize = 12;
const TAG: usize = 16;

/// What sealed keys are opened with.
///
/// Deriving a key from a passphrase is slow on purpose, so each derivation is kept: keys that one `Passphrase` sealed share
/// their salt, and opening ten thousand of them costs as much as opening one.
pub struct Passphrase {
	text: Zeroizing<String>,
	derived: Mutex<Vec<Derived>>,
}

struct Derived {
	log_kib: u8,
	salt: [u8; SALT],
	key: Zeroizing<[u8; 32]>,
}

impl Passphrase {
	/// From its text, which must not be empty.
	pub fn new(text: String) -> Result<Self> {
		let text = Zeroizing::new(text);
		match text.is_empty() {
			true => Err(Error::Key("the passphrase is empty".into())),
			false => Ok(Self {
				text,
				derived: Mutex::default(),
			}),
		}
	}

	/// From the first line of a file that nobody but its owner may read.
	pub fn from_file(path: &Path) -> Result<Self> {
		let text = read_secret(path)?;
		Self::new(text.lines().next().unwrap_or_default().into())
			.map_err(|error| Error::Key(format!("{}: {error}", path.display())))
	}

	/// From the file that [`PASSPHRASE_VARIABLE`] names, or else from the person at the terminal.
	pub fn from_env_or_terminal() -> Result<Self> {
		match Self::from_env()? {
			Some(passphrase) => Ok(passphrase),
			None => Self::new(ask("Passphrase of the key: ")?),
		}
	}

	/// For keys that are to be encrypted: from the file that [`PASSPHRASE_VARIABLE`] names, or else from the person at the
	/// terminal, who types it twice.
	pub fn choose() -> Result<Self> {
		if let Some(passphrase) = Self::from_env()? {
			return Ok(passphrase);
		}
		let text = Zeroizing::new(ask("New passphrase: ")?);
		let again = Zeroizing::new(ask("Once more: ")?);
		match *text == *again {
			true => Self::new(text.to_string()),
			false => Err(Error::Key("the two passphrases differ".into())),
		}
	}

	fn from_env() -> Result<Option<Self>> {
		let path = std::env::var_os(PASSPHRASE_VARIABLE);
		path.map(|path| Self::from_file(Path::new(&path))).transpose()
	}

	/// Seals a seed under this passphrase.
	pub(super) fn seal(&self, seed: &[u8; 32]) -> Result<String> {
		let salt = match self.known_salt() {
			Some(salt) => salt,
			None => random()?,
		};
		let nonce: [u8; NONCE] = random()?;
		let head = format!("{MARK} {LOG_KIB} {} {}", hex::encode(salt), hex::encode(nonce));
		let mut sealed = Zeroizing::new(*seed);
		let tag = self
			.cipher(LOG_KIB, salt)?
			.seal_in_place_separate_tag(
				Nonce::assume_unique_for_key(nonce),
				Aad::from(head.as_bytes()),
				sealed.as_mut_slice(),
			)
			.map_err(|_| Error::Key("the key cannot be encrypted".into()))?;
		Ok(format!("{head} {}{}", hex::encode(*sealed), hex::encode(tag)))
	}

	/// Opens what [`Passphrase::seal`] made.
	pub(super) fn open(&self, line: &str) -> Result<Zeroizing<[u8; 32]>> {
		let malformed = || Error::Key("it is not an encrypted key of this version, or it was cut off".into());
		let (head, sealed) = line.trim().rsplit_once(' ').ok_or_else(malformed)?;
		let fields: Vec<&str> = head.split(' ').collect();
		let [MARK, log_kib, salt, nonce] = fields[..] else {
			return Err(malformed());
		};
		let log_kib = log_kib
			.parse()
			.ok()
			.filter(|log_kib| LOG_KIB_ACCEPTED.contains(log_kib))
			.ok_or_else(malformed)?;
		let salt: [u8; SALT] = fixed(salt).ok_or_else(malformed)?;
		let nonce: [u8; NONCE] = fixed(nonce).ok_or_else(malformed)?;
		let mut sealed: Zeroizing<[u8; 32 + TAG]> = Zeroizing::new(fixed(sealed).ok_or_else(malformed)?);
		let opened = self
			.cipher(log_kib, salt)?
			.open_in_place(
				Nonce::assume_unique_for_key(nonce),
				Aad::from(head.as_bytes()),
				sealed.as_mut_slice(),
			)
			.map_err(|_| Error::Key("the passphrase is wrong, or the file was changed".into()))?;
		let mut seed = Zeroizing::new([0; 32]);
		seed.copy_from_slice(opened);
		Ok(seed)
	}

	/// The salt of keys that this passphrase opened or sealed before.
	fn known_salt(&self) -> Option<[u8; SALT]> {
		let derived = self.derived.lock().unwrap_or_else(PoisonError::into_inner);
		derived
			.iter()
			.find(|known| known.log_kib == LOG_KIB)
			.map(|known| known.salt)
	}

	fn cipher(&self, log_kib: u8, salt: [u8; SALT]) -> Result<LessSafeKey> {
		let mut derived = self.derived.lock().unwrap_or_else(PoisonError::into_inner);
		if let Some(known) = derived
			.iter()
			.find(|known| known.log_kib == log_kib && known.salt == salt)
		{
			return cipher(&known.key);
		}
		let unusable = || Error::Key("no key can be derived from the passphrase".into());
		let params = Params::new(1 << log_kib, PASSES, 1, Some(32)).map_err(|_| unusable())?;
		let mut memory = vec![Block::default(); params.block_count()];
		let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
		let mut key = Zeroizing::new([0; 32]);
		argon2
			.hash_password_into_with_memory(self.text.as_bytes(), &salt, key.as_mut_slice(), &mut memory)
			.map_err(|_| unusable())?;
		let cipher = cipher(&key)?;
		derived.push(Derived { log_kib, salt, key });
		Ok(cipher)
	}
}

fn cipher(key: &[u8; 32]) -> Result<LessSafeKey> {
	let key = UnboundKey::new(&CHACHA20_POLY1305, key);
	Ok(LessSafeKey::new(
		key.map_err(|_| Error::Key("the cipher takes no such key".into()))?,
	))
}

impl core::fmt::Debug for Passphrase {
	fn fmt(&self, f: &mut core::fmt::Formatter) -> core::fmt::Result {
		f.write_str("Passphrase(..)")
	}
}

/// What a person types, unseen.
fn ask(prompt: &str) -> Result<String> {
	if !std::io::stdin().is_terminal() {
		return Err(Error::Key(format!(
			"{PASSPHRASE_VARIABLE} must name the file with the passphrase of encrypted keys: here is nobody who could be asked"
		)));
	}
	rpassword::prompt_password(prompt)
		.map_err(|error| Error::Key(format!("the passphrase cannot be asked for: {error}")))
}

/// Whether a line claims to be a sealed seed, of any version.
pub(super) fn is_sealed(line: &str) -> bool {
	line.trim_start().starts_with("baseload-sealed-")
}

fn random<const N: usize>() -> Result<[u8; N]> {
	let mut bytes = [0; N];
	getrandom::getrandom(&mut bytes)
		.map_err(|error| Error::Key(format!("this machine gives no random numbers: {error}")))?;
	Ok(bytes)
}

fn fixed<const N: usize>(digits: &str) -> Option<[u8; N]> {
	let mut bytes = [0; N];
	hex::decode_to_slice(digits, &mut bytes).ok()?;
	Some(bytes)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn seed_should_come_back_when_sealed_and_opened() {
		let passphrase = Passphrase::new("correct horse".into()).unwrap();
		let (one, two) = (passphrase.seal(&[7; 32]).unwrap(), passphrase.seal(&[8; 32]).unwrap());
		assert!(is_sealed(&one) && !one.contains(&"07".repeat(32)));
		let later = Passphrase::new("correct horse".into()).unwrap();
		assert_eq!(*later.open(&one).unwrap(), [7; 32]);
		assert_eq!(*later.open(&format!("{two}\n")).unwrap(), [8; 32]);
		// One salt, one derivation
		assert_eq!(later.derived.lock().unwrap().len(), 1);
		let fields = |line: &str| line.split(' ').map(String::from).collect::<Vec<_>>();
		assert_eq!(fields(&one)[2], fields(&two)[2]);
		assert_ne!(fields(&one)[3], fields(&two)[3], "a nonce never comes twice");
	}

	#[test]
	fn seed_should_stay_closed_when_passphrase_or_any_field_is_another() {
		let passphrase = Passphrase::new("one".into()).unwrap();
		let sealed = passphrase.seal(&[7; 32]).unwrap();
		let wrong = Passphrase::new("two".into()).unwrap();
		let error = wrong.open(&sealed).unwrap_err().to_string();
		assert!(error.contains("passphrase is wrong"), "{error}");
		// The last digit of the nonce, of the seed and of the tag
		let end = sealed.len();
		for place in [end - 98, end - 33, end - 1] {
			let mut changed = sealed.clone().into_bytes();
			changed[place] = if changed[place] == b'0' { b'1' } else { b'0' };
			let changed = String::from_utf8(changed).unwrap();
			assert!(passphrase.open(&changed).is_err(), "{changed}");
		}
	}

	#[test]
	fn line_should_be_refused_when_it_is_no_sealed_seed() {
		let passphrase = Passphrase::new("one".into()).unwrap();
		let (salt, nonce, sealed) = ("00".repeat(16), "00".repeat(12), "00".repeat(48));
		for line in [
			"",
			"baseload-sealed-1",
			&format!("baseload-sealed-2 16 {salt} {nonce} {sealed}"),
			&format!("baseload-sealed-1 13 {salt} {nonce} {sealed}"),
			&format!("baseload-sealed-1 30 {salt} {nonce} {sealed}"),
			&format!("baseload-sealed-1 16 {nonce} {salt} {sealed}"),
			&format!("baseload-sealed-1 16 {salt} {nonce} {sealed}00"),
			&format!("baseload-sealed-1 16 {salt} {nonce} zz"),
			&format!("baseload-sealed-1 16  {salt} {nonce} {sealed}"),
		] {
			let error = passphrase.open(line).unwrap_err().to_string();
			assert!(error.contains("not an encrypted key"), "{line}: {error}");
		}
	}

	#[test]
	fn passphrase_should_never_be_shown() {
		let passphrase = Passphrase::new("hunter2".into()).unwrap();
		assert_eq!(format!("{passphrase:?}"), "Passphrase(..)");
		assert!(Passphrase::new(String::new()).is_err());
	}
}
