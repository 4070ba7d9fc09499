//! Columns for people.

/// Rows under their headings, each column as wide as its widest cell. As many cells in each row as headings.
pub fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
	let headings: Vec<String> = headings.iter().map(|heading| heading.to_string()).collect();
	let lines = || core::iter::once(&headings).chain(rows);
	let width = |column: usize| {
		lines()
			.filter_map(|line| line.get(column))
			.map(|cell| cell.chars().count())
			.max()
			.unwrap_or_default()
	};
	let widths: Vec<usize> = (0..headings.len()).map(width).collect();
	let written: Vec<String> = lines()
		.map(|line| {
			let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
			cells.collect::<Vec<_>>().join("  ").trim_end().to_string()
		})
		.collect();
	written.join("\n")
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn columns_should_be_as_wide_as_their_widest_cell() {
		let rows = [
			vec!["7".to_string(), "fine".to_string()],
			vec!["10000".into(), String::new()],
		];
		assert_eq!(table(&["meter", "state"], &rows), "meter  state\n7      fine\n10000");
	}
}
