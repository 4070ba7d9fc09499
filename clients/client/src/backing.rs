//! What stands behind KWH, by name: vaults, types of collateral, redemptions, backstop pools, brakes, and the tokens they are in.

use baseload_primitives::{
	views::{self, PoolDepositView, PoolView, ProofOfBacking, RedemptionQuote, SafetyView, TypeView},
	Balance, Price, TokenId, VaultId, BLD_TOKEN,
};
use codec::{Decode, Encode};

use crate::{units, AccountId, At, Error, Result};

/// The reserve token of development and local chains: its id in the assets pallet.
pub const RESERVE_TOKEN: TokenId = 1;

/// A vault as of a block.
pub type VaultView = views::VaultView<AccountId>;
/// A redemption that waits, as of a block.
pub type RedemptionView = views::RedemptionView<AccountId>;

const VAULTS: &str = "PowerStablecoin";

/// How a token is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenInfo {
	/// Short name.
	pub symbol: String,
	/// Base units of one whole token are 10 to this power.
	pub decimals: u32,
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

impl At {
	/// A vault; `None` if there is none with this id, or it is closed.
	pub async fn vault(&self, vault: VaultId) -> Result<Option<VaultView>> {
		self.view(VAULTS, "vault", vault).await
	}

	/// The id that the next vault gets.
	pub async fn next_vault(&self) -> Result<VaultId> {
		self.view(VAULTS, "next_vault", ()).await
	}

	/// What stands behind all KWH. The node goes through all vaults for it.
	pub async fn proof_of_backing(&self) -> Result<ProofOfBacking> {
		self.view(VAULTS, "proof_of_backing", ()).await
	}

	/// All types of collateral.
	pub async fn collateral_types(&self) -> Result<Vec<TypeView>> {
		self.view(VAULTS, "collateral_types", ()).await
	}

	/// What redeeming so many KWH would pay now; `None` without a price.
	pub async fn redemption_quote(&self, amount: Balance) -> Result<Option<RedemptionQuote>> {
		self.view(VAULTS, "redemption_quote", amount).await
	}

	/// The redemptions that wait, the next to be executed first.
	pub async fn redemptions(&self) -> Result<Vec<RedemptionView>> {
		self.view(VAULTS, "redemptions", ()).await
	}

	/// What an account could not be paid and may claim, by token.
	pub async fn owed(&self, account: &AccountId) -> Result<Vec<(TokenId, Balance)>> {
		self.view(VAULTS, "owed", account).await
	}

	/// The backstop pool of a type; `None` if the token is no collateral.
	pub async fn pool(&self, token: TokenId) -> Result<Option<PoolView>> {
		self.view(VAULTS, "pool", token).await
	}

	/// An account's part of a pool; `None` if it has none.
	pub async fn pool_deposit_of(&self, token: TokenId, account: &AccountId) -> Result<Option<PoolDepositView>> {
		self.view(VAULTS, "pool_deposit_of", (token, account)).await
	}

	/// Where brakes and fuses stand.
	pub async fn safety(&self) -> Result<SafetyView> {
		self.view(VAULTS, "safety", ()).await
	}

	/// The index prices of one kWh and of one reserve token. `None`: too few fresh feeds.
	pub async fn prices(&self) -> Result<(Option<Price>, Option<Price>)> {
		let backing = self.proof_of_backing().await?;
		let reserve = backing.types.iter().find(|kind| kind.token == RESERVE_TOKEN);
		Ok((backing.reference_price, reserve.and_then(|kind| kind.price)))
	}

	/// The account that holds all collateral and the backstop pools.
	pub fn vaults_account(&self) -> Result<AccountId> {
		let pallet: [u8; 8] = self.constant(VAULTS, "PalletId")?;
		let mut account = [0; 32];
		let named = b"modl".iter().chain(&pallet);
		account.iter_mut().zip(named).for_each(|(byte, of)| *byte = *of);
		Ok(AccountId(account))
	}

	/// How a token is written: BLD, or a token of the assets pallet; `None` if there is none with this id.
	pub async fn token(&self, token: TokenId) -> Result<Option<TokenInfo>> {
		if token == BLD_TOKEN {
			return Ok(Some(TokenInfo {
				symbol: "BLD".into(),
				decimals: units::DECIMALS,
			}));
		}
		let metadata: Option<AssetMetadata> = self.storage("Assets", "Metadata", &[token.encode()]).await?;
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
}
