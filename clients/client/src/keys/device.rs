//! Keys of devices that have none of their own.

use std::path::Path;

use baseload_primitives::{
	possession_payload, rotation_payload, DeviceKey, DeviceSignature, MeterId, Reading, SignedReading, SiteId,
};
use sp_core::{crypto::Pair as _, ed25519, H256};
use zeroize::Zeroizing;

use super::{
	file::{read_secret, replace_secret, write_secret},
	sealed::{is_sealed, Passphrase},
};
use crate::{Error, Result};

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

	/// From a device key file; see the module. If it is encrypted, the passphrase is taken from the file that
	/// [`super::PASSPHRASE_VARIABLE`] names, or asked for at the terminal.
	pub fn from_file(path: &Path) -> Result<Self> {
		let text = read_secret(path)?;
		let passphrase = match is_sealed(&text) {
			true => Some(Passphrase::from_env_or_terminal()?),
			false => None,
		};
		Self::parse(path, &text, passphrase.as_ref())
	}

	/// From a device key file, with the passphrase for the case that it is encrypted. Nobody is asked.
	pub fn open(path: &Path, passphrase: Option<&Passphrase>) -> Result<Self> {
		Self::parse(path, &read_secret(path)?, passphrase)
	}

	fn parse(path: &Path, text: &str, passphrase: Option<&Passphrase>) -> Result<Self> {
		let failed = |reason: &dyn core::fmt::Display| Error::Key(format!("{}: {reason}", path.display()));
		if is_sealed(text) {
			let passphrase =
				passphrase.ok_or_else(|| failed(&"the key is encrypted, and no passphrase is given to open it"))?;
			let seed = passphrase.open(text).map_err(|error| failed(&error))?;
			return Ok(Self::from_seed(*seed));
		}
		let mut seed = Zeroizing::new([0; 32]);
		hex::decode_to_slice(text.trim(), seed.as_mut_slice())
			.map_err(|_| failed(&"a device key is 64 hex digits, or encrypted"))?;
		Ok(Self::from_seed(*seed))
	}

	/// Makes a new key and writes it to a device key file, which must not exist yet.
	pub fn create(path: &Path) -> Result<Self> {
		Self::write_new(path, None)
	}

	/// [`DeviceSecret::create`], encrypted.
	pub fn create_encrypted(path: &Path, passphrase: &Passphrase) -> Result<Self> {
		Self::write_new(path, Some(passphrase))
	}

	fn write_new(path: &Path, passphrase: Option<&Passphrase>) -> Result<Self> {
		let (_, seed) = ed25519::Pair::generate();
		let seed = Zeroizing::new(seed);
		write_secret(path, &Self::line(&seed, passphrase)?)?;
		Ok(Self::from_seed(*seed))
	}

	/// Encrypts a device key file in its place. One that is encrypted already must open with the passphrase, and stays.
	pub fn encrypt(path: &Path, passphrase: &Passphrase) -> Result<Self> {
		let text = read_secret(path)?;
		let device = Self::parse(path, &text, Some(passphrase))?;
		if !is_sealed(&text) {
			let seed = Zeroizing::new(device.pair.seed());
			replace_secret(path, &Self::line(&seed, Some(passphrase))?)?;
		}
		Ok(device)
	}

	/// What a device key file holds.
	fn line(seed: &[u8; 32], passphrase: Option<&Passphrase>) -> Result<Zeroizing<String>> {
		Ok(Zeroizing::new(match passphrase {
			Some(passphrase) => passphrase.seal(seed)?,
			None => hex::encode(seed),
		}))
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

#[cfg(test)]
mod tests {
	use super::{super::file::tests::file, *};
	use std::{fs, os::unix::fs::PermissionsExt};

	fn mode(path: &Path) -> u32 {
		fs::metadata(path).unwrap().permissions().mode() & 0o777
	}

	#[test]
	fn device_key_should_come_back_when_written_to_a_file() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("device");
		let made = DeviceSecret::create(&path).unwrap();
		assert_eq!(mode(&path), 0o600);
		assert_eq!(DeviceSecret::from_file(&path).unwrap().public(), made.public());
		assert!(
			DeviceSecret::create(&path).is_err(),
			"an existing key must never be overwritten"
		);
	}

	#[test]
	fn device_key_should_open_with_its_passphrase_only_when_encrypted() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("device");
		let passphrase = Passphrase::new("correct horse".into()).unwrap();
		let made = DeviceSecret::create_encrypted(&path, &passphrase).unwrap();
		assert_eq!(mode(&path), 0o600);
		let opened = DeviceSecret::open(&path, Some(&passphrase)).unwrap();
		assert_eq!(opened.public(), made.public());
		let error = DeviceSecret::open(&path, None).unwrap_err().to_string();
		assert!(error.contains("encrypted, and no passphrase"), "{error}");
		let wrong = Passphrase::new("battery staple".into()).unwrap();
		let error = DeviceSecret::open(&path, Some(&wrong)).unwrap_err().to_string();
		assert!(error.contains("passphrase is wrong"), "{error}");
	}

	#[test]
	fn device_key_should_be_the_same_when_its_file_is_encrypted_in_place() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("device");
		let made = DeviceSecret::create(&path).unwrap();
		let seed = fs::read_to_string(&path).unwrap();
		let passphrase = Passphrase::new("correct horse".into()).unwrap();
		assert_eq!(
			DeviceSecret::encrypt(&path, &passphrase).unwrap().public(),
			made.public()
		);
		let sealed = fs::read_to_string(&path).unwrap();
		assert!(!sealed.contains(seed.trim()));
		assert_eq!(mode(&path), 0o600);
		// Once more changes nothing; another passphrase does not take it over
		DeviceSecret::encrypt(&path, &passphrase).unwrap();
		assert_eq!(fs::read_to_string(&path).unwrap(), sealed);
		let other = Passphrase::new("battery staple".into()).unwrap();
		assert!(DeviceSecret::encrypt(&path, &other).is_err());
	}

	#[test]
	fn device_key_file_should_be_refused_when_not_64_hex_digits() {
		for text in ["12", "zz", &"00".repeat(33)] {
			let (_folder, path) = file(text, 0o600);
			let error = DeviceSecret::from_file(&path).unwrap_err().to_string();
			assert!(error.contains("64 hex digits"), "{error}");
		}
	}

	#[test]
	fn device_key_should_show_its_public_part_only() {
		let device = DeviceSecret::from_seed([7; 32]);
		let shown = format!("{device:?}");
		let DeviceKey::Ed25519(public) = device.public() else {
			panic!("an Ed25519 key");
		};
		assert_eq!(shown, format!("DeviceSecret({})", hex::encode(public)));
		assert!(!shown.contains(&"07".repeat(32)));
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
