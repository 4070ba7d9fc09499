//! What people's tools read.

use alloc::vec::Vec;

use baseload_math::billing::{
	shares::ShareTable,
	sources::{Boundary, Index, Proof},
	Month, Period, Sources,
};
use baseload_primitives::{
	views::{AgreementView, BillRecord, FeedView, IndexView, LenderView, NextBillView, RequestView, ShareView},
	AgreementId, Balance, Deposits, FeedId, FinalReading, MeterHistory, MeterId, DAY,
};
use sp_core::U256;

use crate::{session::Session, sources::View, types::Stage, Agreements, Bills, Config, Feeds, Indexes, Pallet, Shares};

/// The most bills that one view returns.
const MAX_PAGE: u32 = 120;

/// Bills whose daily mean is the trailing rate.
const TRAILING: u32 = 3;

/// What an agreement sees, as if the month that is to be billed ended now.
struct SoFar<'a, T: Config> {
	view: &'a View<T>,
	month: Month,
	newest: FinalReading,
}

impl<T: Config> Sources for SoFar<'_, T> {
	fn boundary(&self, month: Month) -> Option<Boundary> {
		self.view.boundary(month).or_else(|| {
			(month == self.month.plus(1)).then(|| Boundary {
				registers: self.newest.registers.clone(),
				known: 0,
			})
		})
	}

	fn index(&self, month: Month) -> Option<Index> {
		self.view.index(month)
	}

	fn first_reaching(&self, position: u8, wh: u64) -> Option<Proof> {
		self.view.first_reaching(position, wh)
	}

	fn shares(&self, month: Month) -> Option<ShareTable> {
		self.view.shares(month)
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn agreement_view(id: AgreementId) -> Option<AgreementView<T::AccountId>> {
		let record = Agreements::<T>::get(id)?;
		let (contract, status, operator) = (record.contract(), record.status(), record.operator().clone());
		let (deposits, billing) = match record.stage {
			Stage::Accepted(_, deposits) => (deposits, None),
			Stage::Running(billing) => (Deposits::default(), Some(billing)),
			_ => (Deposits::default(), None),
		};
		Some(AgreementView {
			hash: contract.hash(),
			contract,
			proposer: record.proposer,
			status,
			account: Self::account_of(id),
			now: Self::now(),
			deposit: record.deposit,
			reserve: record.reserve,
			deposits,
			security_target: billing.as_ref().and_then(|billing| billing.target().ok()).unwrap_or(0),
			billing,
			payouts: record.payouts,
			lender: record.lender.map(|lender| LenderView {
				account: lender,
				notified: record.notices.newest(),
				stepped_in_at: record.stepped_in_at,
			}),
			operator,
			request: record.request.map(|request| RequestView {
				hash: request.change.hash(),
				change: request.change,
				by_seller: request.by_seller,
				by_buyer: request.by_buyer,
				by_lender: request.by_lender,
			}),
			amendment: record.amendment,
			closed_at: record.closed_at,
		})
	}

	/// The next bill as if its month ended now; what is due by now is played first.
	pub(crate) fn next_bill_view(id: AgreementId) -> Option<NextBillView> {
		let mut session = Self::open(id).ok()?;
		let now = session.now;
		// Nothing of what is played here is kept: a view changes no state.
		session.play(u32::MAX).ok()?;
		let Session { record, view, .. } = session;
		let billing = record.billing()?;
		let month = billing.month(billing.next)?;
		let newest = view.history()?.newest()?;
		let measured_at = newest.measured_at;
		let so_far = SoFar {
			view: &view,
			month,
			newest,
		};
		let invoice = billing.invoice(&so_far, now).ok()?;
		let (amount, credited) = billing.amount_of(&invoice).ok()?;
		let estimate = billing
			.estimates
			.iter()
			.find(|estimate| estimate.period == billing.next);
		let reserved = estimate.and_then(|estimate| estimate.reserved).unwrap_or(0).min(amount);
		let open: Balance = billing.bills.iter().fold(0, |sum, bill| bill.open.saturating_add(sum));
		let escrow_after = billing
			.ledger
			.escrow
			.saturating_sub(open)
			.saturating_sub(amount.saturating_sub(reserved));
		Some(NextBillView {
			bill: BillRecord {
				invoice,
				number: None,
				issued_at: now,
				due: now.saturating_add(billing.terms.payment.due),
				amount,
				credited,
				damages: 0,
				reserved,
				corrected_up: 0,
				corrected_down: 0,
			},
			measured_at,
			escrow_after,
		})
	}

	/// For how many days the escrow, all open bills paid, lasts at the rate of the last three bills. `None` before the first
	/// bill, and if they cost nothing.
	pub(crate) fn runway_view(id: AgreementId) -> Option<u64> {
		let record = Agreements::<T>::get(id)?;
		let billing = record.billing()?;
		let first = billing.next.saturating_sub(TRAILING);
		let bills = (first..billing.next).filter_map(|period| Bills::<T>::get(id, period));
		let (mut amount, mut days) = (U256::zero(), 0u64);
		for bill in bills {
			amount += U256::from(bill.amount);
			days += bill.invoice.month.ms() / DAY;
		}
		let open: Balance = billing.bills.iter().fold(0, |sum, bill| bill.open.saturating_add(sum));
		let free = U256::from(billing.ledger.escrow.saturating_sub(open));
		let lasts = (free * U256::from(days)).checked_div(amount)?;
		Some(u64::try_from(lasts).unwrap_or(u64::MAX))
	}

	/// The bills of at most `count` periods from `from` on.
	pub(crate) fn bills_view(id: AgreementId, from: Period, count: u32) -> Vec<BillRecord> {
		let until = from.saturating_add(count.min(MAX_PAGE));
		(from..until).filter_map(|period| Bills::<T>::get(id, period)).collect()
	}

	/// The shares in a meter, and which are in force in `month`.
	pub(crate) fn shares_view(meter: MeterId, month: u32) -> Vec<ShareView> {
		let view = View::<T>::new(AgreementId(u32::MAX), meter, None);
		let month = Month::new(month);
		let rows = Shares::<T>::get(meter).rows.into_iter().map(|row| {
			let months = row.span.months(|threshold| view.proven(threshold));
			ShareView {
				agreement: row.agreement,
				registers: (0..8).filter(|position| row.registers & (1 << position) != 0).collect(),
				take: row.take,
				from: months.map(|(from, _)| from),
				until: months.map(|(_, until)| until),
				in_force: months
					.zip(month)
					.is_some_and(|((from, until), month)| (from..until).contains(&month)),
			}
		});
		rows.collect()
	}

	/// All agreements on a meter that are stored, in the order of their ids.
	pub(crate) fn agreements_of_view(meter: MeterId) -> Vec<AgreementId> {
		let all = Agreements::<T>::iter().filter(|(_, record)| record.deal.meter == meter);
		let mut ids: Vec<_> = all.map(|(id, _)| id).collect();
		ids.sort();
		ids
	}

	/// What a feed showed last.
	pub(crate) fn feed_view(feed: FeedId) -> Option<FeedView> {
		let register = Feeds::<T>::get(feed)?.register?;
		Some(FeedView {
			feed,
			observed_at: register.observed_at(),
			value: register.value(),
		})
	}

	/// The mean of a feed over a month.
	pub(crate) fn index_view(feed: FeedId, month: u32) -> Option<IndexView> {
		let month = Month::new(month)?;
		let Index { value, known } = Indexes::<T>::get(feed, month)?;
		Some(IndexView { month, value, known })
	}
}
