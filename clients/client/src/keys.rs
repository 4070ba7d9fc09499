//! Keys of accounts and of devices.
//!
//! A key file is readable and writable by its owner only (mode 0600) and holds one line. An *account's* is a secret URI: a
//! BIP-39 phrase or a 0x-prefixed 32-byte seed, with derivation path if wanted. A *device's* is 64 hex digits: the
//! Ed25519 seed.

use std::{
	fs,
	io::{Read, Write},
	path::Path,
	str::FromStr,
};

use baseload_primitives::{
	possession_payload, rotation_payload, DeviceKey, DeviceSignature, MeterId, Reading, SignedReading, SiteId, Voucher,
};
use sp_core::{crypto::Pair as _, ed25519, H256};
use subxt::utils::MultiSignature;
use subxt_signer::{sr25519::Keypair, ExposeSecret, SecretUri, DEV_PHRASE};

use crate::{AccountId, Chain, ChainType, Error, Result};

/// The environment variable from which [`Key::from_env`] takes a secret URI.
pub const SECRET_VARIABLE: &str = "BASELOAD_SECRET_URI";

/// Names of the accounts whose keys everybody knows.
pub const DEV_NAMES: [&str; 8] = ["Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie", "One", "Two"];

/// No key file is longer than this, in bytes.
const LONGEST: u64 = 4096;

/// An account's sr25519 key.
#[derive(Clone)]
pub struct Key {
	pair: Keypair,
	known: bool,
}

impl Key {
	/// From a secret URI: a phrase or 0x-prefixed seed, with derivation path. `//Alice` and the like are the development
	/// keys, which only development and local chains accept.
	pub fn from_uri(uri: &str) -> Result<Self> {
		// The parser's own words could repeat parts of the secret.
		let unusable = || Error::Key("the secret is neither a phrase nor a 0x-prefixed seed of 32 bytes".into());
		let uri = uri.trim();
		if uri.is_empty() {
			// The parser would take the development phrase.
			return Err(unusable());
		}
		let uri = SecretUri::from_str(uri).map_err(|_| unusable())?;
		let pair = Keypair::from_uri(&uri).map_err(|_| unusable())?;
		let known = uri.phrase.expose_secret() == DEV_PHRASE || is_known(&pair);
		Ok(Self { pair, known })
	}

	/// From a key file; see the module.
	pub fn from_file(path: &Path) -> Result<Self> {
		Self::from_uri(&read_secret(path)?).map_err(|error| Error::Key(format!("{}: {error}", path.display())))
	}

	/// From [`SECRET_VARIABLE`]; `None` if it is not set.
	pub fn from_env() -> Result<Option<Self>> {
		match std::env::var(SECRET_VARIABLE) {
			Ok(uri) => Self::from_uri(&uri)
				.map(Some)
				.map_err(|error| Error::Key(format!("{SECRET_VARIABLE}: {error}"))),
			Err(std::env::VarError::NotPresent) => Ok(None),
			Err(_) => Err(Error::Key(format!("{SECRET_VARIABLE} is not text"))),
		}
	}

	/// A development key by its name, `Alice` or `alice`. Only development and local chains accept it.
	pub fn dev(name: &str) -> Result<Self> {
		let known = DEV_NAMES.iter().find(|known| known.eq_ignore_ascii_case(name));
		let name = known.ok_or_else(|| {
			Error::Key(format!(
				"there is no development key \"{name}\"; there are {}",
				DEV_NAMES.join(", ")
			))
		})?;
		Self::from_uri(&format!("//{name}"))
	}

	/// The account that the key signs for.
	pub fn account(&self) -> AccountId {
		AccountId(self.pair.public_key().0)
	}

	/// True for the development keys: everybody knows them.
	pub fn is_known_to_everybody(&self) -> bool {
		self.known
	}

	/// Gives the account's word that a device of `chain` signed a reading. Whoever holds a false one can have the account's
	/// bond slashed, so check the device's signature first.
	pub fn vouch(&self, chain: &Chain, voucher: &Voucher) -> Result<MultiSignature> {
		let pair = self.for_chain(chain)?;
		Ok(MultiSignature::Sr25519(
			pair.sign(&voucher.payload(chain.genesis_hash())).0,
		))
	}

	/// The pair, if it may be used on `chain`.
	pub(crate) fn for_chain(&self, chain: &Chain) -> Result<&Keypair> {
		check(self.known, chain.chain_type(), chain.name())?;
		Ok(&self.pair)
	}
}

impl core::fmt::Debug for Key {
	fn fmt(&self, f: &mut core::fmt::Formatter) -> core::fmt::Result {
		write!(f, "Key({})", self.account())
	}
}

fn check(known: bool, chain_type: &ChainType, name: &str) -> Result<()> {
	if known && *chain_type == ChainType::Live {
		return Err(Error::Key(format!(
			"this is a development key, which everybody knows: the chain \"{name}\" is not a development chain, so it is not used there"
		)));
	}
	Ok(())
}

fn is_known(pair: &Keypair) -> bool {
	DEV_NAMES.iter().any(|name| {
		let known = SecretUri::from_str(&format!("//{name}"))
			.ok()
			.and_then(|uri| Keypair::from_uri(&uri).ok());
		known.is_some_and(|known| known.public_key().0 == pair.public_key().0)
	})
}

/// A device's Ed25519 key.
#[derive(Clone)]
pub struct DeviceSecret {
	pair: ed25519::Pair,
}

impl DeviceSecret {
	/// From the 32-byte seed.
	pub fn from_seed(seed: [u8; 32]) -> Self {
		Self {
			pair: ed25519::Pair::from_seed(&seed),
		}
	}

	/// From a device key file; see the module.
	pub fn from_file(path: &Path) -> Result<Self> {
		let text = read_secret(path)?;
		let mut seed = [0; 32];
		hex::decode_to_slice(text.trim(), &mut seed)
			.map_err(|_| Error::Key(format!("{}: a device key is 64 hex digits", path.display())))?;
		Ok(Self::from_seed(seed))
	}

	/// Makes a new key and writes it to a device key file, which must not exist yet.
	pub fn create(path: &Path) -> Result<Self> {
		let (_, seed) = ed25519::Pair::generate();
		write_secret(path, &hex::encode(seed))?;
		Ok(Self::from_seed(seed))
	}

	/// The public key.
	pub fn public(&self) -> DeviceKey {
		DeviceKey::Ed25519(self.pair.public().0)
	}

	/// Shows that whoever registers the key at `site` holds it.
	pub fn prove_possession(&self, genesis: H256, site: SiteId) -> DeviceSignature {
		self.sign(&possession_payload(genesis, site))
	}

	/// Hands `meter` over to another key.
	pub fn consent(&self, genesis: H256, meter: MeterId, key: &DeviceKey) -> DeviceSignature {
		self.sign(&rotation_payload(genesis, meter, key))
	}

	/// Signs a reading of `meter` on the chain with this genesis.
	pub fn sign_reading(&self, genesis: H256, meter: MeterId, reading: Reading) -> SignedReading {
		let signature = self.sign(&reading.signed_payload(genesis, meter));
		SignedReading { reading, signature }
	}

	fn sign(&self, message: &[u8]) -> DeviceSignature {
		DeviceSignature::Ed25519(self.pair.sign(message).0)
	}
}

impl core::fmt::Debug for DeviceSecret {
	fn fmt(&self, f: &mut core::fmt::Formatter) -> core::fmt::Result {
		write!(f, "DeviceSecret({})", hex::encode(self.pair.public().0))
	}
}

/// Reads a key file that nobody but its owner may read.
fn read_secret(path: &Path) -> Result<String> {
	let failed = |reason: &dyn core::fmt::Display| Error::Key(format!("key file {}: {reason}", path.display()));
	let file = fs::File::open(path).map_err(|error| failed(&error))?;
	let metadata = file.metadata().map_err(|error| failed(&error))?;
	if !metadata.is_file() {
		return Err(failed(&"not a file"));
	}
	#[cfg(unix)]
	{
		use std::os::unix::fs::PermissionsExt;
		let mode = metadata.permissions().mode() & 0o777;
		if mode & 0o077 != 0 {
			return Err(failed(&format!(
				"others can read it (mode {mode:o}): run chmod 600 on it"
			)));
		}
	}
	let mut text = String::new();
	file.take(LONGEST)
		.read_to_string(&mut text)
		.map_err(|error| failed(&error))?;
	if text.trim().is_empty() {
		return Err(failed(&"it is empty"));
	}
	Ok(text)
}

/// Writes a new key file that nobody but its owner may read.
fn write_secret(path: &Path, line: &str) -> Result<()> {
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
	file.sync_all().map_err(failed)
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::os::unix::fs::PermissionsExt;

	fn file(text: &str, mode: u32) -> (tempfile::TempDir, std::path::PathBuf) {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("key");
		fs::write(&path, text).unwrap();
		fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
		(folder, path)
	}

	#[test]
	fn dev_key_should_be_found_when_written_in_any_case() {
		let alice = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
		for name in ["Alice", "alice", "ALICE"] {
			let key = Key::dev(name).unwrap();
			assert_eq!(key.account().to_string(), alice);
			assert!(key.is_known_to_everybody());
		}
		assert!(Key::dev("Mallory").unwrap_err().to_string().contains("Alice, Bob"));
	}

	#[test]
	fn dev_key_should_be_refused_when_chain_is_live() {
		assert!(check(true, &ChainType::Development, "Dev").is_ok());
		assert!(check(true, &ChainType::Local, "Local").is_ok());
		assert!(check(false, &ChainType::Live, "Baseload").is_ok());
		let refused = check(true, &ChainType::Live, "Baseload").unwrap_err();
		assert!(refused.to_string().contains("development key"));
	}

	#[test]
	fn dev_key_should_be_known_when_given_as_a_seed() {
		let key = Key::from_uri("0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a").unwrap();
		assert_eq!(key.account(), Key::dev("Alice").unwrap().account());
		assert!(key.is_known_to_everybody());
		assert!(Key::from_uri("//any/path").unwrap().is_known_to_everybody());
		let own = Key::from_uri(&format!("0x{}", "07".repeat(32))).unwrap();
		assert!(!own.is_known_to_everybody());
	}

	#[test]
	fn secret_should_not_be_repeated_when_it_is_unusable() {
		for secret in ["", "0x1234", "hunter2 hunter2", "legal winner thank"] {
			let error = Key::from_uri(secret).unwrap_err().to_string();
			assert!(secret.is_empty() || !error.contains(secret), "{error}");
		}
	}

	#[test]
	fn key_file_should_be_refused_when_others_can_read_it() {
		let (_folder, path) = file("//Alice\n", 0o644);
		let error = Key::from_file(&path).unwrap_err().to_string();
		assert!(error.contains("chmod 600"), "{error}");
		let (_folder, path) = file("//Alice\n", 0o600);
		assert_eq!(
			Key::from_file(&path).unwrap().account(),
			Key::dev("Alice").unwrap().account()
		);
	}

	#[test]
	fn key_file_should_be_refused_when_missing_or_empty() {
		let (folder, path) = file("\n", 0o600);
		assert!(Key::from_file(&path).unwrap_err().to_string().contains("empty"));
		assert!(Key::from_file(&folder.path().join("none")).is_err());
		assert!(Key::from_file(folder.path()).is_err());
	}

	#[test]
	fn device_key_should_come_back_when_written_to_a_file() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("device");
		let made = DeviceSecret::create(&path).unwrap();
		assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
		assert_eq!(DeviceSecret::from_file(&path).unwrap().public(), made.public());
		assert!(
			DeviceSecret::create(&path).is_err(),
			"an existing key must never be overwritten"
		);
	}

	#[test]
	fn device_key_file_should_be_refused_when_not_64_hex_digits() {
		for text in ["12", "zz", &"00".repeat(33)] {
			let (_folder, path) = file(text, 0o600);
			assert!(DeviceSecret::from_file(&path)
				.unwrap_err()
				.to_string()
				.contains("64 hex digits"));
		}
	}

	#[test]
	fn device_signatures_should_verify() {
		let device = DeviceSecret::from_seed([3; 32]);
		let genesis = H256::repeat_byte(1);
		let proof = device.prove_possession(genesis, SiteId(4));
		assert!(device.public().verify(&possession_payload(genesis, SiteId(4)), &proof));
		let other = DeviceSecret::from_seed([4; 32]).public();
		let consent = device.consent(genesis, MeterId(2), &other);
		assert!(device
			.public()
			.verify(&rotation_payload(genesis, MeterId(2), &other), &consent));
		let reading = Reading {
			sequence: 1,
			measured_at: 2,
			clock: baseload_primitives::ClockStatus::Synchronised,
			quality: baseload_primitives::Quality::Measured,
			registers: vec![1].try_into().unwrap(),
		};
		let signed = device.sign_reading(genesis, MeterId(2), reading);
		assert!(device
			.public()
			.verify(&signed.reading.signed_payload(genesis, MeterId(2)), &signed.signature));
	}
}
