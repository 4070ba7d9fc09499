//! A scenario as a picture: the backing and what a holder gets above, KWH below.

use std::{error::Error, path::Path};

use plotters::{coord::Shift, prelude::*};

use crate::{scenarios::Scenario, world::Sample};

/// Width and height in pixels.
const SIZE: (u32, u32) = (900, 700);

/// A line: its name, its colour, and where it stands in a sample.
type Line = (&'static str, RGBColor, fn(&Sample) -> f64);

const RATIOS: [Line; 3] = [
	("backing", BLUE, |sample| sample.backing * 100.0),
	("redeeming pays, of par", GREEN, |sample| sample.exit * 100.0),
	("price of collateral, of the first", RGBColor(150, 150, 150), |sample| {
		sample.price / 0.14 * 100.0
	}),
];

const AMOUNTS: [Line; 3] = [
	("in existence", BLACK, |sample| sample.supply / 1e6),
	("backstop pool", BLUE, |sample| sample.pool / 1e6),
	("shortfall", RED, |sample| sample.shortfall / 1e6),
];

/// Writes the picture.
pub fn write(path: &Path, scenario: &Scenario, samples: &[Sample]) -> Result<(), Box<dyn Error>> {
	let root = SVGBackend::new(path, SIZE).into_drawing_area();
	root.fill(&WHITE)?;
	let (above, below) = root.split_vertically(SIZE.1 / 2);
	chart(&above, scenario.what, "percent", &RATIOS, samples)?;
	chart(&below, "", "million KWH", &AMOUNTS, samples)?;
	root.present()?;
	Ok(())
}

fn chart(
	area: &DrawingArea<SVGBackend<'_>, Shift>,
	title: &str,
	unit: &str,
	lines: &[Line],
	samples: &[Sample],
) -> Result<(), Box<dyn Error>> {
	let end = samples.last().map_or(1.0, |sample| sample.hours).max(0.1);
	let days = end > 72.0;
	let time = |hours: f64| if days { hours / 24.0 } else { hours };
	let values = lines.iter().flat_map(|(_, _, value)| samples.iter().map(value));
	let top = values.fold(0.0, f64::max) * 1.05 + 0.001;
	let mut chart = ChartBuilder::on(area)
		.caption(title, ("sans-serif", 16))
		.margin(10)
		.x_label_area_size(35)
		.y_label_area_size(55)
		.build_cartesian_2d(0.0..time(end), 0.0..top)?;
	let axis = if days { "days" } else { "hours" };
	chart.configure_mesh().x_desc(axis).y_desc(unit).draw()?;
	for (name, colour, value) in lines {
		let colour = *colour;
		let points = samples.iter().map(|sample| (time(sample.hours), value(sample)));
		chart
			.draw_series(LineSeries::new(points, &colour))?
			.label(*name)
			.legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], colour));
	}
	chart
		.configure_series_labels()
		.background_style(WHITE)
		.border_style(BLACK)
		.draw()?;
	Ok(())
}
