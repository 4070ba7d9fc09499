//! What people and services want to know, by name.

use baseload_primitives::{
	views::{self, AttestorView, EarningsView, RemovedMeterView, ThresholdView},
	Balance, MeterId, Moment, Price, Register, SiteId, WattHours,
};
use codec::{Decode, Encode};

use crate::{calls::Quote, AccountId, At, Error, Result};

/// A site as of a block.
pub type SiteView = views::SiteView<AccountId>;
/// A meter as of a block.
pub type MeterView = views::MeterView<AccountId>;
/// Who decides about a meter's readings, as of a block.
pub type CommitteeView = views::CommitteeView<AccountId>;
/// A reading that waits for a verdict, as of a block.
pub type DisputeView = views::DisputeView<AccountId>;

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

	/// What stays known of a meter that was removed; `None` of any other, and of one that was never finally read.
	pub async fn removed_meter(&self, meter: MeterId) -> Result<Option<RemovedMeterView>> {
		self.view("MeterAttestation", "removed_meter", meter).await
	}

	/// What a meter's registers count, in their order, also of a meter that was removed; `None` if nothing is known of such a
	/// meter.
	pub async fn meter_registers(&self, meter: MeterId) -> Result<Option<Vec<Register>>> {
		if let Some(view) = self.meter(meter).await? {
			return Ok(Some(view.registers));
		}
		Ok(self.removed_meter(meter).await?.map(|kept| kept.registers))
	}

	/// Cover of a site at a time to come if its meter says nothing more; `None` if there is no such site.
	pub async fn cover_at(&self, site: SiteId, at: Moment) -> Result<Option<WattHours>> {
		self.view("MeterAttestation", "cover_at", (site, at)).await
	}

	/// Registers of a meter, removed or not, at the start of a UTC month, whose number is 12 x year + month - 1; `None` if they are not known
	/// yet.
	pub async fn month_start(&self, meter: MeterId, month: u32) -> Result<Option<Vec<u64>>> {
		self.view("MeterAttestation", "month_start", (meter, month)).await
	}

	/// Thresholds of a meter: the reached ones, then those that are watched for. Of a removed one, the reached ones.
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
