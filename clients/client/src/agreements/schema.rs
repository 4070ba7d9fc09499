//! The sections of a file, one a clause, and what each is on the chain.

use baseload_math::billing::{
	shares::Take,
	terms::{self, Excess, NegativeIndex, Prices},
};
use baseload_primitives::{FeedId, MeterId, VaultId};
use serde::Deserialize;
use toml::Spanned;

use super::values::{Change, Date, Interest, Kwh, MonthOf, PerKwh, Ratio, RegisterName, Share, Slope, Span, Watts, Wh};

/// Who: addresses, or on a development chain also names.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parties {
	/// Delivers: the owner of the meter's site.
	pub(super) seller: Spanned<String>,
	/// Takes and pays.
	pub(super) buyer: Spanned<String>,
	/// Receives the money; the seller, if left out.
	pub(super) payee: Option<Spanned<String>>,
	/// Decides disputed bills; half of the council, if left out.
	pub(super) resolver: Option<Spanned<String>>,
}

/// What is delivered, and who else gets something of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Delivery {
	/// Whose registers are billed.
	pub(super) meter: MeterId,
	pub(super) registers: Spanned<Vec<Spanned<RegisterName>>>,
	pub(super) nameplate: Watts,
	pub(super) share: Option<ShareOf>,
}

/// What the agreement takes of each register's month.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ShareOf {
	/// A share of what the agreements before leave.
	Percent(Share),
	/// So much a month, before all that take a share.
	First(Wh),
}

/// What the meter's attestors are paid.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Attestors {
	/// With each period's bill.
	pub monthly: Kwh,
	/// At most of one payment.
	pub cap: Share,
}

/// What retires debt of the seller's vault.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Sweep {
	/// Which vault.
	pub(super) vault: VaultId,
	/// The share of each payment after the attestors' part.
	pub(super) share: Share,
}

/// What must be there before the agreement can start.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Preconditions {
	#[serde(default)]
	pub(super) escrow: Kwh,
	#[serde(default)]
	pub(super) security: Kwh,
	#[serde(default)]
	pub(super) bond: Kwh,
	/// Until when; after that anybody may cancel.
	pub(super) by: Date,
}

/// What a lender to the seller is promised, once there is one.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Lender {
	/// How long it is told before the agreement is ended for default.
	pub(super) notice: Span,
	/// How much longer it may take once it has stepped in.
	pub(super) step_in: Span,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct File {
	pub(super) parties: Parties,
	pub(super) delivery: Delivery,
	pub(super) conditions: Preconditions,
	pub(super) term: Term,
	pub(super) operation: Option<Operation>,
	pub(super) tariff: Tariff,
	pub(super) volume: Volume,
	pub(super) outage: Outage,
	pub(super) payment: Payment,
	pub(super) dispute: Dispute,
	pub(super) termination: Termination,
	#[serde(default)]
	pub(super) lender: Lender,
	pub(super) attestors: Option<Attestors>,
	pub(super) sweep: Option<Sweep>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Term {
	pub(super) start: Option<Spanned<MonthOf>>,
	pub(super) months: Spanned<u32>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Operation {
	pub(super) register: Spanned<RegisterName>,
	pub(super) reaches: Wh,
	pub(super) target: Date,
	pub(super) longstop: Spanned<Date>,
	#[serde(default)]
	pub(super) delay_per_day: Kwh,
	#[serde(default)]
	pub(super) delay_cap: Kwh,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Tariff {
	Fixed(Fixed),
	Indexed(Indexed),
	Cfd(Cfd),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Fixed {
	pub(super) prices: Spanned<Vec<PerKwh>>,
	#[serde(default)]
	pub(super) escalation: Change,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Indexed {
	pub(super) feed: u32,
	pub(super) base: PerKwh,
	pub(super) slope: Slope,
	pub(super) floor: Spanned<PerKwh>,
	pub(super) cap: PerKwh,
	pub(super) first_index: PerKwh,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Cfd {
	pub(super) feed: u32,
	pub(super) strike: PerKwh,
	#[serde(default)]
	pub(super) escalation: Change,
	pub(super) negative_index: Negative,
	pub(super) first_index: PerKwh,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Negative {
	/// Counts as zero.
	CountsAsZero,
	/// Nothing is paid either way.
	PaysNothing,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Volume {
	pub(super) expected: Spanned<Vec<Wh>>,
	#[serde(default)]
	pub(super) quantity: Wh,
	pub(super) excess: Option<ExcessOf>,
	#[serde(default)]
	pub(super) take_or_pay: Ratio,
	#[serde(default)]
	pub(super) makeup_years: u32,
	#[serde(default)]
	pub(super) reference_price: PerKwh,
	#[serde(default)]
	pub(super) guarantee: Ratio,
	#[serde(default)]
	pub(super) damages: PerKwh,
	#[serde(default)]
	pub(super) damages_cap: Kwh,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ExcessOf {
	pub(super) above: Ratio,
	pub(super) price: Ratio,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Outage {
	pub(super) estimate: Ratio,
	pub(super) max_estimates: u32,
	pub(super) grace: Span,
	pub(super) dark_final: Span,
	#[serde(default)]
	pub(super) feed_grace: Span,
	#[serde(default = "none")]
	pub(super) feed_final: Spanned<Span>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Payment {
	pub(super) due: Span,
	pub(super) late_interest: Interest,
	pub(super) grace: Span,
	pub(super) topup: Span,
	#[serde(default)]
	pub(super) security_months: u32,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Dispute {
	pub(super) bond: Ratio,
	pub(super) timeout: Span,
	pub(super) seller_at_timeout: Share,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Termination {
	pub(super) months: u32,
	pub(super) buyer: Ratio,
	pub(super) seller: Ratio,
	pub(super) buyout: Ratio,
}

/// A duration that is left out.
fn none() -> Spanned<Span> {
	Spanned::new(0..0, Span::default())
}

impl Delivery {
	/// What the agreement takes of each register's month: all of it, if nothing else is said.
	pub(super) fn take(&self) -> Take {
		match self.share {
			None => Take::Percent(1_000_000),
			Some(ShareOf::Percent(Share(ratio))) => Take::Percent(ratio),
			Some(ShareOf::First(Wh(wh))) => Take::Priority(wh),
		}
	}
}

impl Tariff {
	pub(super) fn terms(&self) -> terms::Tariff {
		match self {
			Self::Fixed(fixed) => terms::Tariff::Fixed {
				prices: Prices::truncate_from(fixed.prices.get_ref().iter().map(|price| price.0).collect()),
			},
			Self::Indexed(indexed) => terms::Tariff::Indexed {
				base: indexed.base.0,
				slope: indexed.slope.0,
				floor: indexed.floor.get_ref().0,
				cap: indexed.cap.0,
				index0: indexed.first_index.0,
			},
			Self::Cfd(cfd) => terms::Tariff::Cfd {
				strike: cfd.strike.0,
				negative: match cfd.negative_index {
					Negative::CountsAsZero => NegativeIndex::Cap,
					Negative::PaysNothing => NegativeIndex::Zero,
				},
				index0: cfd.first_index.0,
			},
		}
	}

	/// The feed that the tariff follows, if it follows one.
	pub(super) fn feed(&self) -> Option<FeedId> {
		match self {
			Self::Fixed(_) => None,
			Self::Indexed(tariff) => Some(FeedId(tariff.feed)),
			Self::Cfd(tariff) => Some(FeedId(tariff.feed)),
		}
	}

	pub(super) fn escalation(&self) -> i32 {
		match self {
			Self::Fixed(fixed) => fixed.escalation.0,
			Self::Indexed(_) => 0,
			Self::Cfd(cfd) => cfd.escalation.0,
		}
	}
}

impl Volume {
	pub(super) fn terms(&self) -> terms::Volume {
		terms::Volume {
			quantity: self.quantity.0,
			excess: self.excess.map(|excess| Excess {
				over: excess.above.0,
				price: excess.price.0,
			}),
			take_or_pay: self.take_or_pay.0,
			makeup_years: self.makeup_years,
			ref_price: self.reference_price.0,
			guarantee: self.guarantee.0,
			ld_price: self.damages.0,
			ld_cap: self.damages_cap.0,
		}
	}

	pub(super) fn by_month(&self) -> [u64; 12] {
		let mut months = [0; 12];
		for (month, expected) in months.iter_mut().zip(self.expected.get_ref()) {
			*month = expected.0;
		}
		months
	}
}
