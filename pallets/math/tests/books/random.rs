//! Random operations in nine profiles, every one followed by the exact model and checked against every invariant.
//!
//! Seeds are fixed. Each episode starts from empty books, because the model's fractions grow with every draw.

use crate::{
	profile::{random_op, Dice, Profile, CONFIG, ORDINARY},
	watched::{Seen, Watched},
};
use baseload_math::books::terms::Terms;

/// Operations that are done in each profile; those that are refused come on top.
const OPERATIONS: u64 = 60_000;

/// Attempts in each episode.
const ATTEMPTS: u64 = 150;

fn run(profile: &Profile, seed: u64) -> Seen {
	let mut seen = Seen::default();
	for episode in 0.. {
		if seen.operations >= OPERATIONS {
			break;
		}
		let mut dice = Dice(seed << 32 | episode);
		let mut watched = Watched::new(profile.config);
		for _ in 0..ATTEMPTS {
			let op = random_op(&mut dice, profile, &watched.ledger);
			// Refusals are part of the test: they must change nothing.
			let _ = watched.apply(op);
		}
		seen = seen.and(watched.seen);
	}
	seen
}

fn with_terms(change: impl FnOnce(&mut Terms)) -> crate::operation::Config {
	let mut config = CONFIG;
	change(&mut config.terms);
	config
}

#[test]
fn books_should_hold_when_debts_are_dust() {
	let config = with_terms(|terms| {
		terms.hourly_rate *= 100;
		terms.minimum_debt = 1;
		terms.redemption_floor = 1;
	});
	let profile = Profile {
		config,
		price: (3, 1),
		draws: (1, 50),
		..ORDINARY
	};
	let seen = run(&profile, 1);
	assert!(
		seen.redistributions > 500 && seen.losses > 500 && seen.emptied > 100,
		"{seen:?}"
	);
}

#[test]
fn books_should_hold_when_whales_are_a_million_times_larger() {
	let profile = Profile {
		draws: (1_000_000_000_000, 1_000_000_000_000_000_000),
		..ORDINARY
	};
	let seen = run(&profile, 2);
	assert!(
		seen.offsets > 100 && seen.redistributions > 100 && seen.closed_by_redemption > 500,
		"{seen:?}"
	);
}

#[test]
fn books_should_hold_when_collateral_falls_to_a_fifth() {
	let profile = Profile {
		moves: (1_000, 5_000),
		jumps: 40,
		..ORDINARY
	};
	let seen = run(&profile, 3);
	assert!(
		seen.losses > 200 && seen.reserve_redemptions > 200 && seen.below_par > 50,
		"{seen:?}"
	);
}

#[test]
fn books_should_hold_when_all_is_redeemed_again_and_again() {
	let mut weights = ORDINARY.weights;
	weights[8] = 40;
	weights[14] = 25;
	let seen = run(&Profile { weights, ..ORDINARY }, 4);
	assert!(seen.closed_by_redemption > 1_000 && seen.emptied > 20, "{seen:?}");
}

#[test]
fn books_should_hold_when_everything_is_repaid() {
	let mut weights = ORDINARY.weights;
	weights[3] = 20;
	weights[5] = 20;
	weights[14] = 20;
	let seen = run(&Profile { weights, ..ORDINARY }, 5);
	assert!(seen.emptied > 20, "{seen:?}");
}

#[test]
fn books_should_hold_when_the_pool_is_drained_again_and_again() {
	let mut weights = ORDINARY.weights;
	weights[7] = 20;
	weights[9] = 24;
	weights[10] = 20;
	let profile = Profile {
		draws: (1_000_000_000, 1_000_000_000_000_000),
		moves: (900, 2_200),
		jumps: 60,
		weights,
		..ORDINARY
	};
	let seen = run(&profile, 6);
	assert!(
		seen.offsets > 500 && seen.scales > 200 && seen.pool_withdrawals > 20,
		"{seen:?}"
	);
}

#[test]
fn books_should_hold_when_the_token_has_2_decimals() {
	let profile = Profile {
		price: (1, 100_000_000_000),
		draws: (1_000_000_000_000, 10_000_000_000_000_000),
		..ORDINARY
	};
	let seen = run(&profile, 7);
	assert!(
		seen.offsets > 100 && seen.redistributions > 100 && seen.below_par > 50,
		"{seen:?}"
	);
}

#[test]
fn books_should_hold_when_the_token_has_12_decimals() {
	let seen = run(&ORDINARY, 8);
	assert!(
		seen.offsets > 100 && seen.redistributions > 100 && seen.losses > 100,
		"{seen:?}"
	);
}

#[test]
fn books_should_hold_when_the_token_has_18_decimals() {
	let profile = Profile {
		price: (123_457, 1),
		..ORDINARY
	};
	let seen = run(&profile, 9);
	assert!(
		seen.offsets > 100 && seen.redistributions > 100 && seen.losses > 100,
		"{seen:?}"
	);
}
