//! What people and services want to know, by name.

use baseload_primitives::{
	views::{self, AttestorView, EarningsView, ProofOfBacking, ThresholdView},
	Balance, MeterId, Moment, Price, SiteId, VaultId, WattHours,
};
use codec::{Decode, Encode};

use crate::{calls::Quote, AccountId, At, Error, Result};

/// The reserve token that is collateral for KWH: its id in the assets pallet.
pub const RESERVE_TOKEN: u32 = 1;

/// A site as of a block.
pub type SiteView = views::SiteView<AccountId>;
/// A meter as of a block.
pub type MeterView = views::MeterView<AccountId>;
/// Who decides about a meter's readings, as of a block.
pub type CommitteeView = views::CommitteeView<AccountId>;
/// A reading that waits for a verdict, as of a block.
pub type DisputeView = views::DisputeView<AccountId>;
/// A vault as of a block.
pub type VaultView = views::VaultView<AccountId>;

/// What an account holds of one token, in base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holding {
	/// Can be sent, but for `frozen` and the existential deposit.
	pub free: Balance,
	/// Held as deposits and bonds.
	pub held: Balance,
	/// The part of the total that must stay.
	pub frozen: Balance,
}

/// How a token of the assets pallet is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenInfo {
	/// Short name.
	pub symbol: String,
	/// Base units of one whole token are 10 to this power.
	pub decimals: u32,
}

/// A part of a validator's bond on its way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Unbonding {
	/// How much, in BLD base units.
	pub amount: Balance,
	/// The first session in which it can be withdrawn.
	pub unlock: u32,
}

/// A validator or candidate as of a block.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ValidatorView {
	/// Who.
	pub who: AccountId,
	/// Active bond in BLD base units; zero if it is no candidate.
	pub bond: Balance,
	/// What unbonds, the next to unlock first.
	pub unbonding: Vec<Unbonding>,
	/// Whether its seat is reserved.
	pub reserved: bool,
	/// Whether it has session keys. Without them a candidate gets no seat.
	pub has_keys: bool,
	/// Whether it serves in this session.
	pub serving: bool,
	/// Whether it serves in the next session.
	pub queued: bool,
	/// Whether it committed an offence and has not left the set yet.
	pub convicted: bool,
}

/// `pallet_assets::AssetMetadata`, as far as it matters here.
#[derive(Decode)]
struct AssetMetadata {
	_deposit: Balance,
	_name: Vec<u8>,
	symbol: Vec<u8>,
	decimals: u8,
}

impl From<AssetMetadata> for TokenInfo {
	fn from(metadata: AssetMetadata) -> Self {
		Self {
			symbol: String::from_utf8_lossy(&metadata.symbol).into_owned(),
			decimals: metadata.decimals.into(),
		}
	}
}

/// `pallet_balances::AccountData`, without its flags.
#[derive(Default, Decode)]
struct AccountData {
	free: Balance,
	reserved: Balance,
	frozen: Balance,
}

impl From<AccountData> for Holding {
	fn from(data: AccountData) -> Self {
		Self {
			free: data.free,
			held: data.reserved,
			frozen: data.frozen,
		}
	}
}

/// `frame_system::AccountInfo`.
#[derive(Default, Decode)]
struct AccountInfo {
	nonce: u32,
	_consumers: u32,
	_providers: u32,
	_sufficients: u32,
	data: AccountData,
}

impl At {
	/// A site; `None` if there is none with this id.
	pub async fn site(&self, site: SiteId) -> Result<Option<SiteView>> {
		self.view("MeterAttestation", "site", site).await
	}

	/// A meter; `None` if there is none with this id.
	pub async fn meter(&self, meter: MeterId) -> Result<Option<MeterView>> {
		self.view("MeterAttestation", "meter", meter).await
	}

	/// Cover of a site at a time to come if its meter says nothing more; `None` if there is no such site.
	pub async fn cover_at(&self, site: SiteId, at: Moment) -> Result<Option<WattHours>> {
		self.view("MeterAttestation", "cover_at", (site, at)).await
	}

	/// Registers of a meter at the start of a UTC month, whose number is 12 x year + month - 1; `None` if they are not known
	/// yet.
	pub async fn month_start(&self, meter: MeterId, month: u32) -> Result<Option<Vec<u64>>> {
		self.view("MeterAttestation", "month_start", (meter, month)).await
	}

	/// Thresholds of a meter: the reached ones, then those that are watched for.
	pub async fn thresholds(&self, meter: MeterId) -> Result<Vec<ThresholdView>> {
		self.view("MeterAttestation", "thresholds", meter).await
	}

	/// Readings of a meter that wait for a verdict, oldest first.
	pub async fn disputes(&self, meter: MeterId) -> Result<Vec<DisputeView>> {
		self.view("MeterAttestation", "disputes", meter).await
	}

	/// An attestor's standing; `None` if the account is none.
	pub async fn attestor(&self, account: &AccountId) -> Result<Option<AttestorView>> {
		self.view("MeterAttestation", "attestor", account).await
	}

	/// What an account has earned as an attestor.
	pub async fn attestor_pay(&self, account: &AccountId) -> Result<EarningsView> {
		self.view("MeterAttestation", "attestor_pay", account).await
	}

	/// A vault; `None` if there is none with this id, or it is closed.
	pub async fn vault(&self, vault: VaultId) -> Result<Option<VaultView>> {
		self.view("PowerStablecoin", "vault", vault).await
	}

	/// What stands behind all KWH.
	pub async fn proof_of_backing(&self) -> Result<ProofOfBacking> {
		self.view("PowerStablecoin", "proof_of_backing", ()).await
	}

	/// Challenge window of meters registered from now on, in milliseconds of open time.
	pub async fn challenge_window(&self) -> Result<Moment> {
		self.view("MeterAttestation", "challenge_window", ()).await
	}

	/// The id that the next site gets: all sites have lower ones.
	pub async fn next_site(&self) -> Result<SiteId> {
		self.view("MeterAttestation", "next_site", ()).await
	}

	/// The id that the next meter gets.
	pub async fn next_meter(&self) -> Result<MeterId> {
		self.view("MeterAttestation", "next_meter", ()).await
	}

	/// The id that the next vault gets.
	pub async fn next_vault(&self) -> Result<VaultId> {
		self.view("PowerStablecoin", "next_vault", ()).await
	}

	/// An account's KWH.
	pub async fn kwh(&self, account: &AccountId) -> Result<Holding> {
		Ok(self.account_info(account).await?.data.into())
	}

	/// An account's BLD.
	pub async fn bld(&self, account: &AccountId) -> Result<Holding> {
		let data: AccountData = self.storage_or_default("Bonds", "Account", &[account.encode()]).await?;
		Ok(data.into())
	}

	/// Transactions of an account so far.
	pub async fn nonce(&self, account: &AccountId) -> Result<u32> {
		Ok(self.account_info(account).await?.nonce)
	}

	/// An account's balance of a token of the assets pallet, in base units.
	pub async fn asset_balance(&self, asset: u32, account: &AccountId) -> Result<Balance> {
		self.storage_or_default("Assets", "Account", &[asset.encode(), account.encode()])
			.await
	}

	/// How a token of the assets pallet is written; `None` if there is none with this id.
	pub async fn token(&self, asset: u32) -> Result<Option<TokenInfo>> {
		let metadata: Option<AssetMetadata> = self.storage("Assets", "Metadata", &[asset.encode()]).await?;
		Ok(metadata.map(TokenInfo::from))
	}

	/// The tokens of the assets pallet that are written with this symbol, by id. The reserve token alone, if it is: anybody may make
	/// a token and call it so.
	pub async fn tokens_called(&self, symbol: &str) -> Result<Vec<(u32, TokenInfo)>> {
		let reserve = self.token(RESERVE_TOKEN).await?;
		if let Some(reserve) = reserve.filter(|token| token.symbol == symbol) {
			return Ok(vec![(RESERVE_TOKEN, reserve)]);
		}
		let mut found = Vec::new();
		for (key, metadata) in self.storage_below::<AssetMetadata>("Assets", "Metadata", &[]).await? {
			let token = TokenInfo::from(metadata);
			if token.symbol == symbol {
				// The key ends with the id itself.
				let id = key
					.last_chunk()
					.ok_or_else(|| Error::Incompatible("Assets.Metadata".into()))?;
				found.push((u32::from_le_bytes(*id), token));
			}
		}
		found.sort_by_key(|(id, _)| *id);
		Ok(found)
	}

	/// KWH in existence, in base units.
	pub async fn kwh_supply(&self) -> Result<Balance> {
		self.storage_or_default("Balances", "TotalIssuance", &[]).await
	}

	/// BLD in existence, in base units.
	pub async fn bld_supply(&self) -> Result<Balance> {
		self.storage_or_default("Bonds", "TotalIssuance", &[]).await
	}

	/// The block's time; 0 in the genesis block.
	pub async fn timestamp(&self) -> Result<Moment> {
		self.storage_or_default("Timestamp", "Now", &[]).await
	}

	/// The prices that vaults are judged by: of one kWh and of one reserve token. `None`: too few fresh feeds.
	pub async fn prices(&self) -> Result<(Option<Price>, Option<Price>)> {
		let backing = self.proof_of_backing().await?;
		Ok((backing.reference_price, backing.collateral_price))
	}

	/// What one operator reported last about `quote`, and when.
	pub async fn fed_price(&self, operator: &AccountId, quote: Quote) -> Result<Option<(Price, Moment)>> {
		let keys = [operator.encode(), quote.key().encode()];
		let fed: Option<(Balance, Moment)> = self.storage("Oracle", "RawValues", &keys).await?;
		Ok(fed.map(|(value, at)| (Price::from_inner(value), at)))
	}

	/// The validators of this session.
	pub async fn validators(&self) -> Result<Vec<ValidatorView>> {
		self.view("ValidatorSet", "validators", ()).await
	}

	/// All candidates for a seat, the largest bond first.
	pub async fn candidates(&self) -> Result<Vec<ValidatorView>> {
		self.view("ValidatorSet", "candidates", ()).await
	}

	/// One validator, candidate, or holder of a bond on its way back; `None` for anybody else.
	pub async fn validator(&self, account: &AccountId) -> Result<Option<ValidatorView>> {
		self.view("ValidatorSet", "candidate", account).await
	}

	/// Everybody who has a bond on its way back.
	pub async fn unbonding_validators(&self) -> Result<Vec<ValidatorView>> {
		let mut found = Vec::new();
		for (key, _) in self
			.storage_below::<Vec<Unbonding>>("ValidatorSet", "Unbonding", &[])
			.await?
		{
			// The key ends with the account itself.
			let account = key
				.last_chunk::<32>()
				.ok_or_else(|| Error::Incompatible("ValidatorSet.Unbonding".into()))?;
			found.extend(self.validator(&AccountId(*account)).await?);
		}
		Ok(found)
	}

	/// Number of this session.
	pub async fn session(&self) -> Result<u32> {
		self.storage_or_default("Session", "CurrentIndex", &[]).await
	}

	async fn account_info(&self, account: &AccountId) -> Result<AccountInfo> {
		self.storage_or_default("System", "Account", &[account.encode()]).await
	}
}
