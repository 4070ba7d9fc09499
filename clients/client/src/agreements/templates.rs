//! Files to begin with, each with every setting explained.

/// A file to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
	/// What it is called.
	pub name: &'static str,
	/// What it is, in a few words.
	pub about: &'static str,
	/// All of it.
	pub text: &'static str,
}

macro_rules! templates {
	($($name:literal: $about:literal,)*) => {
		/// All of them.
		pub const TEMPLATES: &[Template] = &[$(Template {
			name: $name,
			about: $about,
			text: include_str!(concat!("../../templates/", $name, ".toml")),
		}),*];
	};
}

templates! {
	"utility-solar": "a fixed price that escalates, cheaper beyond the quantity, guaranteed delivery",
	"wind-cfd": "a two-way contract for difference against a price index",
	"corporate-vppa": "a share of a plant as a financial contract for difference",
	"hydro-take-or-pay": "take or pay, and energy paid but not taken made up later",
	"datacentre-baseload": "a block of each month at an index price between floor and cap",
	"time-of-use": "one price for each tariff register",
}

/// The template of this name.
pub fn template(name: &str) -> Option<&'static Template> {
	TEMPLATES.iter().find(|template| template.name == name)
}
