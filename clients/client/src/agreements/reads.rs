//! What people and services want to know about agreements, by name.

use baseload_math::billing::{Month, Period};
use baseload_primitives::{views, AgreementId, FeedId, MeterId};

use super::{Attestors, Kwh, Share};
use crate::{AccountId, At, Result};

const PALLET: &str = "PpaEscrow";

/// How many bills one request returns at most.
const BILLS: u32 = 120;

/// An agreement as of a block.
pub type AgreementView = views::AgreementView<AccountId>;

impl At {
	/// The least that an agreement can pay attestors, and the least it can let them take of one payment.
	pub fn least_attestor_fee(&self) -> Result<Attestors> {
		Ok(Attestors {
			monthly: Kwh(self.constant(PALLET, "MinAttestorFee")?),
			cap: Share(self.constant(PALLET, "MinAttestorCap")?),
		})
	}

	/// An agreement; `None` if there is none with this id.
	pub async fn agreement(&self, agreement: AgreementId) -> Result<Option<AgreementView>> {
		self.view(PALLET, "agreement", agreement).await
	}

	/// The id that the next agreement gets.
	pub async fn next_agreement(&self) -> Result<AgreementId> {
		self.view(PALLET, "next_agreement", ()).await
	}

	/// What the next bill would be if its month ended now; `None` if none is to come.
	pub async fn next_bill(&self, agreement: AgreementId) -> Result<Option<views::NextBillView>> {
		self.view(PALLET, "next_bill", agreement).await
	}

	/// For how many days the escrow lasts at the trailing rate; `None` if that is not known.
	pub async fn runway(&self, agreement: AgreementId) -> Result<Option<u64>> {
		self.view(PALLET, "runway", agreement).await
	}

	/// One bill; `None` if the period is not billed yet.
	pub async fn bill(&self, agreement: AgreementId, period: Period) -> Result<Option<views::BillRecord>> {
		self.view(PALLET, "bill", (agreement, period)).await
	}

	/// All bills of an agreement up to a period, the oldest first.
	pub async fn bills_up_to(&self, agreement: AgreementId, last: Period) -> Result<Vec<views::BillRecord>> {
		let mut bills: Vec<views::BillRecord> = Vec::new();
		let mut from: Period = 0;
		while from <= last {
			let count = BILLS.min(last - from + 1);
			let page: Vec<views::BillRecord> = self.view(PALLET, "bills", (agreement, from, count)).await?;
			bills.extend(page);
			from += count;
		}
		Ok(bills)
	}

	/// Who gets what of a meter's registers in a month.
	pub async fn shares(&self, meter: MeterId, month: Month) -> Result<Vec<views::ShareView>> {
		self.view(PALLET, "shares", (meter, month.number())).await
	}

	/// Agreements over a meter.
	pub async fn agreements_of(&self, meter: MeterId) -> Result<Vec<AgreementId>> {
		self.view(PALLET, "agreements_of", meter).await
	}

	/// The mean of a feed over a month; `None` while it is not known.
	pub async fn index(&self, feed: FeedId, month: Month) -> Result<Option<views::IndexView>> {
		self.view(PALLET, "month_index", (feed, month.number())).await
	}

	/// A feed that agreements follow; `None` if nobody ever looked at it.
	pub async fn feed(&self, feed: FeedId) -> Result<Option<views::FeedView>> {
		self.view(PALLET, "feed", feed).await
	}
}
