//! Keys of accounts and of devices.
//!
//! A key file is readable and writable by its owner only (mode 0600) and holds one line. An *account's* is a secret URI: a
//! BIP-39 phrase or a 0x-prefixed 32-byte seed, with derivation path if wanted. A *device's* is 64 hex digits, the Ed25519
//! seed, or that seed encrypted under a [`Passphrase`].
//!
//! What is read from a key file is wiped from memory once the key is made. The key itself stays in memory, as it must, and
//! is never shown.

mod device;
mod file;
mod sealed;

use std::{path::Path, str::FromStr};

use baseload_primitives::Voucher;
use subxt::utils::MultiSignature;
use subxt_signer::{sr25519::Keypair, ExposeSecret, SecretUri, DEV_PHRASE};

pub use device::DeviceSecret;
pub use sealed::{Passphrase, PASSPHRASE_VARIABLE};

use crate::{AccountId, Chain, ChainType, Error, Result};
use file::read_secret;

/// The environment variable from which [`Key::from_env`] takes a secret URI.
pub const SECRET_VARIABLE: &str = "BASELOAD_SECRET_URI";

/// Names of the accounts whose keys everybody knows.
pub const DEV_NAMES: [&str; 8] = ["Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie", "One", "Two"];

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

#[cfg(test)]
mod tests {
	use super::{file::tests::file, *};

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
}
