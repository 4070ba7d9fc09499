//! Holds that leave no dust behind.

use frame_support::{
	ensure,
	traits::{
		fungible::{Inspect, MutateHold},
		tokens::{Fortitude, Preservation},
	},
};
use sp_runtime::{DispatchResult, TokenError};

/// Puts `amount` of `who`'s on hold, in base units. Fails with [`TokenError::FundsUnavailable`] unless at least the minimum balance
/// stays free: a hold alone may leave less, which would be lost as dust.
pub fn hold_sparing<AccountId, Token: MutateHold<AccountId>>(
	reason: &Token::Reason,
	who: &AccountId,
	amount: <Token as Inspect<AccountId>>::Balance,
) -> DispatchResult {
	let spare = Token::reducible_balance(who, Preservation::Preserve, Fortitude::Polite);
	ensure!(amount <= spare, TokenError::FundsUnavailable);
	Token::hold(reason, who, amount)
}
