//! A bar in plain characters, for how full something is.

use baseload_primitives::Price;

/// Cells of a bar.
const WIDTH: u128 = 30;

/// A bar, filled from the left, with marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
	filled: u128,
	marks: Vec<u128>,
}

impl Bar {
	/// A bar that `most` fills, filled as far as `value`, rounded down, with a mark at each of `marks`.
	pub fn new(value: Price, most: Price, marks: &[Price]) -> Self {
		let cell = (most.into_inner() / WIDTH).max(1);
		let cells = |value: &Price| (value.into_inner() / cell).min(WIDTH);
		Self {
			filled: cells(&value),
			marks: marks.iter().map(cells).collect(),
		}
	}
}

impl core::fmt::Display for Bar {
	fn fmt(&self, f: &mut core::fmt::Formatter) -> core::fmt::Result {
		let cell = |place: u128| match place {
			place if self.marks.contains(&place) => '|',
			place if place < self.filled => '#',
			_ => '.',
		};
		write!(f, "[{}]", (0..WIDTH).map(cell).collect::<String>())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn bar(percent: u128, marks: &[u128]) -> String {
		let price = |percent: &u128| Price::from_rational(*percent, 100);
		let marks: Vec<_> = marks.iter().map(price).collect();
		Bar::new(price(&percent), Price::from_u32(3), &marks).to_string()
	}

	#[test]
	fn bar_should_be_filled_as_far_as_the_value() {
		assert_eq!(bar(0, &[]), "[..............................]");
		assert_eq!(bar(150, &[]), "[###############...............]");
		assert_eq!(bar(299, &[]), "[#############################.]");
		assert_eq!(bar(900, &[]), "[##############################]");
	}

	#[test]
	fn bar_should_show_its_marks_when_filled_or_not() {
		assert_eq!(bar(160, &[130, 200]), "[#############|##....|.........]");
	}

	#[test]
	fn bar_should_not_fail_when_nothing_fills_it() {
		let nothing = Price::from_inner(0);
		assert_eq!(Bar::new(nothing, nothing, &[]).to_string(), bar(0, &[]));
	}
}
