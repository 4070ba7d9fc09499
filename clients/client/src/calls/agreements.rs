//! Power purchase agreements.

use baseload_math::billing::{Ending, Month, Price};
use baseload_primitives::{AgreementId, Balance, Change, Contract, FeedId};
use sp_core::H256;

use crate::{AccountId, Call};

const PALLET: &str = "PpaEscrow";

/// Proposes an agreement, as its seller or buyer. Holds a deposit.
pub fn propose(contract: &Contract<AccountId>) -> Call {
	Call::new(PALLET, "propose").with(contract)
}

/// Accepts a proposal whose contract has this hash, as the other party.
pub fn accept(agreement: AgreementId, hash: H256) -> Call {
	Call::new(PALLET, "accept").with(agreement).with(hash)
}

/// Pays KWH into the escrow, for the buyer. For anyone.
pub fn fund(agreement: AgreementId, amount: Balance) -> Call {
	Call::new(PALLET, "fund").with(agreement).with_amount(amount)
}

/// Pays KWH into the security, for the buyer. For anyone.
pub fn secure(agreement: AgreementId, amount: Balance) -> Call {
	Call::new(PALLET, "secure").with(agreement).with_amount(amount)
}

/// Pays KWH into the seller's bond. For anyone.
pub fn post_bond(agreement: AgreementId, amount: Balance) -> Call {
	Call::new(PALLET, "post_bond").with(agreement).with_amount(amount)
}

/// Starts an accepted agreement whose conditions are met. For anyone.
pub fn activate(agreement: AgreementId) -> Call {
	Call::new(PALLET, "activate").with(agreement)
}

/// Plays what is due, at most so many steps. For anyone.
pub fn settle(agreement: AgreementId, steps: u32) -> Call {
	Call::new(PALLET, "settle").with(agreement).with(steps)
}

/// Takes back escrow beyond what is billed or estimated, as the buyer.
pub fn withdraw(agreement: AgreementId, amount: Balance) -> Call {
	Call::new(PALLET, "withdraw").with(agreement).with_amount(amount)
}

/// Disputes part of an open bill, as the buyer.
pub fn dispute_bill(agreement: AgreementId, bill: u32, amount: Balance) -> Call {
	Call::new(PALLET, "dispute")
		.with(agreement)
		.with(bill)
		.with_amount(amount)
}

/// Gives the seller its share of a disputed bill, in parts per million, as the resolver.
pub fn resolve_bill(agreement: AgreementId, bill: u32, seller_share: u32) -> Call {
	Call::new(PALLET, "resolve")
		.with(agreement)
		.with(bill)
		.with(seller_share)
}

/// Asks for a change: made at once if the signer alone may, else when all whom it concerns have agreed.
pub fn request_change(agreement: AgreementId, change: &Change<AccountId>) -> Call {
	Call::new(PALLET, "request").with(agreement).with(change)
}

/// Agrees to the change with this hash.
pub fn agree_to_change(agreement: AgreementId, hash: H256) -> Call {
	Call::new(PALLET, "agree").with(agreement).with(hash)
}

/// Drops the open request, as a party.
pub fn drop_request(agreement: AgreementId) -> Call {
	Call::new(PALLET, "drop_request").with(agreement)
}

/// Ends an agreement early.
pub fn terminate(agreement: AgreementId, ending: Ending) -> Call {
	Call::new(PALLET, "terminate").with(agreement).with(ending)
}

/// Tells the lender that the signer means to end the agreement for default.
pub fn notify_lender(agreement: AgreementId) -> Call {
	Call::new(PALLET, "notify_lender").with(agreement)
}

/// Assigns the seller's side to a lender, as the seller.
pub fn assign(agreement: AgreementId, lender: AccountId) -> Call {
	Call::new(PALLET, "assign").with(agreement).with(lender)
}

/// Gives the seller's side back, as the lender.
pub fn discharge(agreement: AgreementId) -> Call {
	Call::new(PALLET, "discharge").with(agreement)
}

/// Takes the seller's place after a notice of its default, as the lender: `operator` acts, `payee` is paid.
pub fn step_in(agreement: AgreementId, operator: AccountId, payee: AccountId) -> Call {
	Call::new(PALLET, "step_in").with(agreement).with(operator).with(payee)
}

/// Has what could not be paid out before paid out. For anyone.
pub fn claim(agreement: AgreementId) -> Call {
	Call::new(PALLET, "claim").with(agreement)
}

/// Ends a proposal, as a party; or, as anyone, an accepted agreement whose conditions were not met in time.
pub fn cancel(agreement: AgreementId) -> Call {
	Call::new(PALLET, "cancel").with(agreement)
}

/// Has the chain look at a feed now. For anyone.
pub fn observe(feed: FeedId) -> Call {
	Call::new(PALLET, "observe").with(feed)
}

/// Publishes the index of a month that has ended without one, as an administrator.
pub fn publish_index(feed: FeedId, month: Month, value: Price) -> Call {
	Call::new(PALLET, "publish_index")
		.with(feed)
		.with(month.number())
		.with(value)
}

/// Gives a contract for difference whose index never came the latest one before. For anyone, after the feed's last day.
pub fn fix_index(agreement: AgreementId) -> Call {
	Call::new(PALLET, "fix_index").with(agreement)
}

/// Removes a closed agreement's records, at most so many bills at a time, as its proposer: the deposit comes back with the last.
pub fn forget(agreement: AgreementId, bills: u32) -> Call {
	Call::new(PALLET, "forget").with(agreement).with(bills)
}
