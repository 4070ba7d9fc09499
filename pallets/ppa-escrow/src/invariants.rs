//! What always holds; numbered as in the pallet's overview.

use alloc::collections::BTreeMap;

use baseload_math::billing::{shares::Take, Agreement, Month, MILLION};
use baseload_primitives::{AgreementId, Balance, Deposits, MeterHistory, MeterId, RegisterSource, Totals};
use frame_support::{
	ensure,
	traits::{
		fungible::{Inspect, InspectHold},
		Get,
	},
};
use sp_runtime::{DispatchError::Other, TryRuntimeError};

use crate::{
	payout::out_of,
	shares::Row,
	sources::View,
	types::{Record, Stage},
	Agreements, Bills, Config, Feeds, HoldReason, Indexes, NextAgreement, Pallet, Running, Shares,
};

/// Everything in all lines; `None` if that does not fit a `u128`.
fn sum(totals: &Totals) -> Option<Balance> {
	let Totals {
		attestors,
		burnt,
		payee,
		buyer,
		seller,
	} = *totals;
	[attestors, burnt, payee, buyer, seller]
		.into_iter()
		.try_fold(0, Balance::checked_add)
}

impl<T: Config> Pallet<T> {
	/// Checks every invariant of the pallet; the error begins with its number.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut running = 0;
		let mut billed = BTreeMap::<(MeterId, u8), u128>::new();
		let mut deposits = BTreeMap::<T::AccountId, Balance>::new();
		for (id, record) in Agreements::<T>::iter() {
			Self::check_money(id, &record)?;
			Self::check_stage(id, &record)?;
			let deposit = deposits.entry(record.account(record.proposer).clone()).or_default();
			*deposit = record.deposit.saturating_add(*deposit);
			match &record.stage {
				Stage::Running(billing) => {
					ensure!(
						billing.broken_invariant() == Ok(None),
						Other("3: an invariant of billing is broken")
					);
					Self::check_bills(id, &record, billing, &mut billed)?;
				}
				_ => ensure!(
					Bills::<T>::iter_prefix(id).next().is_none(),
					Other("4: a bill before billing")
				),
			}
			let is_running = record.billing().is_some() && !record.is_over();
			ensure!(
				Running::<T>::contains_key(id) == is_running,
				Other("5: what is settled is not what runs")
			);
			let rows = Shares::<T>::get(record.deal.meter).rows;
			let open = rows.iter().filter(|row| row.agreement == id && !row.closed).count();
			ensure!(
				open == usize::from(is_running),
				Other("5: a running agreement without its one share")
			);
			running += usize::from(is_running);
		}
		ensure!(
			Running::<T>::iter_keys().count() == running,
			Other("5: what is settled is not what runs")
		);
		for (meter, book) in Shares::<T>::iter() {
			Self::check_shares(meter, &book.rows)?;
		}
		for ((meter, register), wh) in billed {
			let newest = T::Registers::history(meter).and_then(|history| history.newest());
			let count = newest.and_then(|newest| newest.registers.get(usize::from(register)).copied());
			ensure!(
				wh <= u128::from(count.unwrap_or(0)),
				Other("7: more billed of a register than it counted")
			);
		}
		for (proposer, deposits) in deposits {
			ensure!(
				T::Currency::balance_on_hold(&HoldReason::Proposal.into(), &proposer) == deposits,
				Other("8: what is on hold is not the deposits")
			);
		}
		Self::check_feeds()
	}

	fn check_money(id: AgreementId, record: &Record<T::AccountId>) -> Result<(), TryRuntimeError> {
		let buckets = match &record.stage {
			Stage::Accepted(_, Deposits { escrow, security, bond }) => {
				escrow.checked_add(*security).and_then(|held| held.checked_add(*bond))
			}
			Stage::Running(billing) => billing.ledger.pot().ok(),
			_ => Some(0),
		};
		let payouts = &record.payouts;
		let held = buckets.zip(sum(&payouts.due));
		let held = held.and_then(|(buckets, due)| buckets.checked_add(due)?.checked_add(record.reserve));
		let balance = T::Currency::balance(&Self::account_of(id));
		ensure!(
			held.is_some_and(|held| held <= balance),
			Other("1: the account holds less than it owes")
		);
		let arrived = sum(&payouts.paid).zip(sum(&payouts.due));
		let arrived = arrived.and_then(|(paid, due)| paid.checked_add(due));
		ensure!(
			arrived.is_some() && arrived == sum(&payouts.seen),
			Other("2: what left the buckets is not what was paid and is due")
		);
		if let Stage::Running(billing) = &record.stage {
			ensure!(
				payouts.seen == out_of(&billing.ledger),
				Other("2: what left the buckets is not what the ledger says")
			);
		}
		Ok(())
	}

	fn check_bills(
		id: AgreementId,
		record: &Record<T::AccountId>,
		billing: &Agreement,
		billed: &mut BTreeMap<(MeterId, u8), u128>,
	) -> Result<(), TryRuntimeError> {
		let (mut count, mut accrued) = (0, record.termination_bill);
		for (period, bill) in Bills::<T>::iter_prefix(id) {
			ensure!(period < billing.next, Other("4: a bill of a period that is not billed"));
			count += 1;
			let amount = bill.amount.checked_add(bill.corrected_up);
			accrued = amount
				.and_then(|amount| amount.checked_add(accrued))
				.ok_or(Other("4: bills do not add up"))?;
			let mut deemed = u128::from(bill.invoice.deemed);
			for line in &bill.invoice.lines {
				let wh = u128::from(line.normal) + u128::from(line.over) + u128::from(line.free);
				*billed.entry((record.deal.meter, line.register)).or_default() += wh.saturating_sub(deemed);
				deemed = deemed.saturating_sub(wh);
			}
		}
		ensure!(count == billing.next, Other("4: a billed period without a record"));
		ensure!(accrued == billing.ledger.accrued, Other("4: bills do not add up"));
		Ok(())
	}

	fn check_shares(meter: MeterId, rows: &[Row]) -> Result<(), TryRuntimeError> {
		let view = View::<T>::new(AgreementId(u32::MAX), meter, None);
		let in_force = |row: &Row, month: Month| {
			let months = row.span.months(|threshold| view.proven(threshold));
			months.is_some_and(|(from, until)| (from..until).contains(&month))
		};
		for row in rows {
			let first = row
				.span
				.months(|threshold| view.proven(threshold))
				.map(|(first, _)| first);
			// An agreement that ended before it began has no month.
			let Some(month) = first.filter(|first| in_force(row, *first)) else {
				continue;
			};
			let others: alloc::vec::Vec<_> = rows.iter().filter(|other| in_force(other, month)).collect();
			let percents = others.iter().filter(|other| other.registers == row.registers);
			let percents = percents.map(|other| match other.take {
				Take::Percent(ratio) => u128::from(ratio),
				Take::Priority(_) => 0,
			});
			ensure!(percents.sum::<u128>() <= MILLION, Other("6: shares exceed the whole"));
			let apart = |other: &&&Row| other.registers != row.registers && other.energy & row.registers != 0;
			ensure!(
				!others.iter().any(|other| apart(&other)),
				Other("6: the same energy is shared twice")
			);
		}
		Ok(())
	}

	fn check_stage(id: AgreementId, record: &Record<T::AccountId>) -> Result<(), TryRuntimeError> {
		ensure!(id < NextAgreement::<T>::get(), Other("9: an id that was not given out"));
		let is_closed = record.billing().is_some() && record.is_over();
		ensure!(
			record.closed_at.is_some() == is_closed,
			Other("9: a closing time without a close")
		);
		ensure!(
			record.reserve > 0 || record.is_over(),
			Other("9: no reserve before the end")
		);
		ensure!(
			record.reserve > 0 || record.payouts.due == Totals::default(),
			Other("9: no reserve and yet something is due")
		);
		ensure!(
			record.amendment.is_none() || record.billing().is_some(),
			Other("9: new clauses of what does not bind")
		);
		ensure!(
			record.request.is_none() || !matches!(record.stage, Stage::Proposed(_) | Stage::Cancelled(_)),
			Other("9: a request that cannot take effect")
		);
		Ok(())
	}

	fn check_feeds() -> Result<(), TryRuntimeError> {
		for (_, month, _) in Indexes::<T>::iter() {
			ensure!(
				month < Self::month(),
				Other("10: an index of a month that has not ended")
			);
		}
		let mut following = BTreeMap::new();
		for record in Agreements::<T>::iter_values() {
			if let (Some(feed), Some(_), false) = (record.deal.feed, record.billing(), record.is_over()) {
				*following.entry(feed).or_insert(0) += 1;
			}
		}
		let counted: BTreeMap<_, _> = Feeds::<T>::iter().map(|(id, feed)| (id, feed.agreements)).collect();
		ensure!(
			counted == following,
			Other("10: the feeds that are sampled are not those that agreements follow")
		);
		for feed in Feeds::<T>::iter_values() {
			ensure!(
				feed.register.is_some() || feed.opening.is_none(),
				Other("10: an opening of a feed that was not sampled")
			);
		}
		ensure!(Feeds::<T>::count() <= T::MaxFeeds::get(), Other("10: too many feeds"));
		Ok(())
	}
}
