//! KWH, BLD, reserve tokens, and what a transaction costs.

use baseload_primitives::{feed_of, Balance, TokenId, BLD_TOKEN, KWH};
use frame_support::{
	parameter_types,
	traits::{
		fungible::{Balanced, Credit, UnionOf},
		fungibles::{metadata::Inspect as Metadata, Inspect},
		tokens::imbalance::ResolveTo,
		AsEnsureOriginWithArg, ConstU128, ConstU32, ConstU8, Imbalance, OnUnbalanced, StorageMapShim, VariantCountOf,
	},
	weights::ConstantMultiplier,
	PalletId,
};
use frame_system::{EnsureRoot, EnsureSigned};
use pallet_transaction_payment::{FungibleAdapter, Multiplier, TargetedFeeAdjustment};
use sp_runtime::{
	traits::{AccountIdConversion, Bounded, Convert},
	Either, FixedPointNumber, Perquintill,
};

use super::deposit;
use crate::{
	AccountId, Assets, Authorship, Balances, BondInstance, Bonds, Runtime, RuntimeEvent, RuntimeFreezeReason,
	RuntimeHoldReason, System,
};

/// Id of a token in `Assets`.
pub type AssetId = u32;

/// The reserve token with which the presets begin.
pub const RESERVE_TOKEN: AssetId = 1;
/// Its decimals.
pub const RESERVE_DECIMALS: u8 = 6;

/// The least balance of an account: 0.001 KWH, and as much BLD.
pub const EXISTENTIAL_DEPOSIT: Balance = KWH / 1_000;

parameter_types! {
	/// Where the treasury's account is derived from.
	pub const TreasuryId: PalletId = PalletId(*b"bl/trsry");
	/// Holds dust, a share of fees, and slashed bonds. Funded at genesis, since a credit that it cannot hold would be burnt.
	pub TreasuryAccount: AccountId = TreasuryId::get().into_account_truncating();
}

/// Decimals of BLD.
pub const BLD_DECIMALS: u8 = 12;

/// Tells BLD from the tokens of `Assets`.
pub struct WhichToken;
impl Convert<TokenId, Either<(), AssetId>> for WhichToken {
	fn convert(token: TokenId) -> Either<(), AssetId> {
		match token {
			BLD_TOKEN => Either::Left(()),
			id => Either::Right(id),
		}
	}
}

/// All tokens that can be collateral.
pub type CollateralTokens = UnionOf<Bonds, Assets, WhichToken, TokenId, AccountId>;

/// Their decimals; `None` of a token that cannot be collateral, since there is none or no feed can have its price.
pub struct TokenDecimals;
impl Convert<TokenId, Option<u8>> for TokenDecimals {
	fn convert(token: TokenId) -> Option<u8> {
		match token {
			BLD_TOKEN => Some(BLD_DECIMALS),
			id if feed_of(id).is_some() => {
				<Assets as Inspect<AccountId>>::asset_exists(id).then(|| <Assets as Metadata<AccountId>>::decimals(id))
			}
			_ => None,
		}
	}
}

impl pallet_balances::Config for Runtime {
	type MaxLocks = ConstU32<50>;
	type MaxReserves = ConstU32<50>;
	type ReserveIdentifier = [u8; 8];
	type Balance = Balance;
	type RuntimeEvent = RuntimeEvent;
	type DustRemoval = ResolveTo<TreasuryAccount, Balances>;
	type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
	type AccountStore = System;
	type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
	type RuntimeHoldReason = RuntimeHoldReason;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type DoneSlashHandler = ();
}

impl pallet_balances::Config<BondInstance> for Runtime {
	type MaxLocks = ConstU32<50>;
	type MaxReserves = ConstU32<50>;
	type ReserveIdentifier = [u8; 8];
	type Balance = Balance;
	type RuntimeEvent = RuntimeEvent;
	type DustRemoval = ResolveTo<TreasuryAccount, Bonds>;
	type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
	type AccountStore = StorageMapShim<
		pallet_balances::Account<Runtime, BondInstance>,
		AccountId,
		pallet_balances::AccountData<Balance>,
	>;
	type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
	type RuntimeHoldReason = RuntimeHoldReason;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type DoneSlashHandler = ();
}

/// Divides a fee: 80 % to the block's author, the rest to the treasury; a tip is the author's. What an author's account
/// cannot take goes to the treasury, so that no fee is ever burnt.
pub struct DealWithFees;
impl OnUnbalanced<Credit<AccountId, Balances>> for DealWithFees {
	fn on_unbalanceds(mut fee_then_tip: impl Iterator<Item = Credit<AccountId, Balances>>) {
		let Some(fee) = fee_then_tip.next() else { return };
		let (mut author_share, mut treasury_share) = fee.ration(80, 20);
		if let Some(tip) = fee_then_tip.next() {
			tip.merge_into(&mut author_share);
		}
		let rest = match Authorship::author() {
			Some(author) => Balances::resolve(&author, author_share).err(),
			None => Some(author_share),
		};
		if let Some(rest) = rest {
			rest.merge_into(&mut treasury_share);
		}
		ResolveTo::<TreasuryAccount, Balances>::on_unbalanced(treasury_share);
	}
}

parameter_types! {
	/// Fees rise while blocks are more than a quarter full.
	pub const TargetFullness: Perquintill = Perquintill::from_percent(25);
	/// How quickly: at most a few percent an hour under steady load.
	pub AdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(75, 1_000_000);
	/// Fees never fall below the plain price.
	pub MinimumMultiplier: Multiplier = Multiplier::saturating_from_integer(1);
	/// No ceiling but the number's own.
	pub MaximumMultiplier: Multiplier = Bounded::max_value();
}

impl pallet_transaction_payment::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type OnChargeTransaction = FungibleAdapter<Balances, DealWithFees>;
	type OperationalFeeMultiplier = ConstU8<5>;
	/// 10 KWH for a second of execution.
	type WeightToFee = ConstantMultiplier<Balance, ConstU128<10>>;
	/// 0.00001 KWH a byte.
	type LengthToFee = ConstantMultiplier<Balance, ConstU128<{ KWH / 100_000 }>>;
	type FeeMultiplierUpdate =
		TargetedFeeAdjustment<Self, TargetFullness, AdjustmentVariable, MinimumMultiplier, MaximumMultiplier>;
	type WeightInfo = pallet_transaction_payment::weights::SubstrateWeight<Runtime>;
}

impl pallet_assets::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Balance = Balance;
	type RemoveItemsLimit = ConstU32<1_000>;
	type AssetId = AssetId;
	type AssetIdParameter = codec::Compact<AssetId>;
	type ReserveData = ();
	type Currency = Balances;
	type CreateOrigin = AsEnsureOriginWithArg<EnsureSigned<AccountId>>;
	type ForceOrigin = EnsureRoot<AccountId>;
	type AssetDeposit = ConstU128<{ deposit(1, 190) }>;
	type AssetAccountDeposit = ConstU128<{ deposit(1, 16) }>;
	type MetadataDepositBase = ConstU128<{ deposit(1, 68) }>;
	type MetadataDepositPerByte = ConstU128<{ deposit(0, 1) }>;
	type ApprovalDeposit = ConstU128<{ deposit(1, 48) }>;
	type StringLimit = ConstU32<50>;
	type Freezer = ();
	type Holder = ();
	type Extra = ();
	type CallbackHandle = ();
	type AssetIdAllocator = ();
	type WeightInfo = pallet_assets::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}
