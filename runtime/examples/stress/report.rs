//! What a scenario came to, in words.

use crate::world::{Sample, World};

/// Prints it, with what became of the pool's depositors.
pub fn print(world: &World, depositors: &str) {
	let tally = &world.tally;
	if let (Some(first), Some(last)) = (world.samples.first(), world.samples.last()) {
		let worst = world
			.samples
			.iter()
			.map(|sample| sample.backing)
			.fold(f64::INFINITY, f64::min);
		println!(
			"  backing     {} at first, {} at worst, {} at last",
			percent(first.backing),
			percent(worst),
			percent(last.backing)
		);
		println!(
			"  shortfall   {} KWH of {} in existence ({} at first)",
			whole(last.shortfall),
			whole(last.supply),
			whole(first.supply)
		);
		println!(
			"  holders     a KWH redeemed pays {} of par at first, {} at worst, {} at last{}",
			percent(first.exit),
			percent(worst_exit(&world.samples)),
			percent(last.exit),
			redeemed(world)
		);
	}
	if tally.liquidated > 0 {
		println!(
			"  owners      {} vaults liquidated, {} KWH: the pool burnt {}, the others took over {}, nobody owes {}",
			tally.liquidated,
			whole(tally.debt),
			whole(tally.offset),
			whole(tally.redistributed),
			whole(tally.lost)
		);
		println!(
			"              {} RSV seized, {} left to their owners",
			whole(tally.seized),
			whole(tally.surplus)
		);
	} else {
		println!("  owners      no vault liquidated");
	}
	for remark in &world.remarks {
		println!("  {remark}");
	}
	println!("  depositors  {depositors}");
	println!(
		"  calls       {} done, {} refused; every invariant held in the {} blocks in which all were checked",
		tally.done, tally.refused, world.checked
	);
}

fn redeemed(world: &World) -> String {
	let tally = &world.tally;
	if tally.redeemed > 0.0 {
		format!(
			"; {} KWH redeemed at {} of par",
			whole(tally.redeemed),
			percent(tally.par / tally.redeemed)
		)
	} else {
		String::new()
	}
}

/// The least that a KWH paid while there was a price.
fn worst_exit(samples: &[Sample]) -> f64 {
	let paid = samples.iter().map(|sample| sample.exit).filter(|exit| *exit > 0.0);
	paid.fold(f64::INFINITY, f64::min)
}

/// A part in percent.
pub fn percent(part: f64) -> String {
	if part.is_finite() {
		format!("{:.1} %", part * 100.0)
	} else {
		"-".into()
	}
}

/// A number of whole tokens, in groups of three digits.
pub fn whole(tokens: f64) -> String {
	let digits = format!("{:.0}", tokens.max(0.0));
	let mut grouped = String::new();
	for (place, digit) in digits.chars().enumerate() {
		if place > 0 && (digits.len() - place).is_multiple_of(3) {
			grouped.push(',');
		}
		grouped.push(digit);
	}
	grouped
}
