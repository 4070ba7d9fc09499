//! Offline wallets such as Ledger sign the hash of the metadata by which they show a transaction. A runtime that was built with
//! its metadata's hash verifies that; here it is told the hash by the extension, as a build with `metadata-hash` would be.

use super::*;
use crate::{Balances, Executive, RuntimeCall, TxExtension, UncheckedExtrinsic, VERSION};
use baseload_primitives::{Balance, KWH};
use codec::{Decode, Encode};
use frame_metadata::RuntimeMetadataPrefixed;
use frame_metadata_hash_extension::CheckMetadataHash;
use frame_support::{assert_ok, dispatch::GetDispatchInfo};
use merkleized_metadata::{generate_metadata_digest, ExtraInfo};
use sp_runtime::{
	generic::{Era, SignedPayload},
	traits::{Applyable, Checkable},
	transaction_validity::{InvalidTransaction, TransactionValidityError, UnknownTransaction},
};

const FROM: Sr25519Keyring = Sr25519Keyring::Dave;
const TO: Sr25519Keyring = Sr25519Keyring::Eve;

/// The hash of the runtime's metadata (RFC 78), for a wallet that shows the token with so many decimals.
fn metadata_hash(decimals: u8) -> [u8; 32] {
	let metadata = Runtime::metadata_at_version(15).expect("version 15 is what offline wallets use");
	let metadata = RuntimeMetadataPrefixed::decode(&mut metadata.as_slice()).expect("the runtime encodes it");
	let shown = ExtraInfo {
		spec_version: VERSION.spec_version,
		spec_name: VERSION.spec_name.to_string(),
		base58_prefix: crate::configs::system::SS58Prefix::get().into(),
		decimals,
		token_symbol: "KWH".into(),
	};
	generate_metadata_digest(&metadata.1, shown)
		.expect("the metadata can be merkleised")
		.hash()
}

fn extension(metadata: CheckMetadataHash<Runtime>) -> TxExtension {
	(
		frame_system::AuthorizeCall::new(),
		frame_system::CheckNonZeroSender::new(),
		frame_system::CheckSpecVersion::new(),
		frame_system::CheckTxVersion::new(),
		frame_system::CheckGenesis::new(),
		frame_system::CheckEra::from(Era::immortal()),
		frame_system::CheckNonce::from(0),
		frame_system::CheckWeight::new(),
		pallet_transaction_payment::ChargeTransactionPayment::from(0),
		metadata,
		frame_system::WeightReclaim::new(),
	)
}

fn transfer() -> RuntimeCall {
	RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
		dest: account(TO).into(),
		value: KWH,
	})
}

/// A transfer that a wallet signed with the hash `signed`, as it comes to a runtime that was built with the hash `built`.
fn signed_transfer(signed: [u8; 32], built: [u8; 32]) -> UncheckedExtrinsic {
	let payload = SignedPayload::new(transfer(), extension(CheckMetadataHash::new_with_custom_hash(signed)))
		.expect("every extension has what it implies");
	let signature = payload.using_encoded(|payload| FROM.sign(payload));
	UncheckedExtrinsic::new_signed(
		transfer(),
		account(FROM).into(),
		signature.into(),
		extension(CheckMetadataHash::new_with_custom_hash(built)),
	)
}

#[test]
fn transfer_should_go_through_when_the_wallet_signed_the_metadata_that_it_showed() {
	chain("development").execute_with(|| {
		set_time(1_700_000_000_000);
		let before: Balance = Balances::free_balance(account(TO));
		let built = metadata_hash(12);
		let transaction = signed_transfer(built, built);
		let length = transaction.encoded_size();
		let checked = transaction
			.check(&frame_system::ChainContext::<Runtime>::default())
			.expect("the signature verifies");
		let info = checked.get_dispatch_info();
		assert_ok!(checked.apply::<Runtime>(&info, length).expect("it is valid"));
		assert_eq!(Balances::free_balance(account(TO)), before + KWH);
	});
}

#[test]
fn transfer_should_be_refused_when_the_wallet_was_shown_other_decimals() {
	chain("development").execute_with(|| {
		set_time(1_700_000_000_000);
		let transaction = signed_transfer(metadata_hash(6), metadata_hash(12));
		assert_eq!(
			transaction
				.check(&frame_system::ChainContext::<Runtime>::default())
				.err(),
			Some(TransactionValidityError::Invalid(InvalidTransaction::BadProof))
		);
	});
}

#[test]
fn transfer_should_be_refused_when_the_runtime_was_built_without_the_hash() {
	chain("development").execute_with(|| {
		set_time(1_700_000_000_000);
		let hash = metadata_hash(12);
		// Decoded again inside, the extension has only what the runtime was built with: in this build, nothing.
		assert_eq!(
			Executive::apply_extrinsic(signed_transfer(hash, hash)),
			Err(TransactionValidityError::Unknown(UnknownTransaction::CannotLookup))
		);
	});
}
